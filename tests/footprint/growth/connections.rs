//! Drivers, whose outer halves the host ends.

use marketplace::prelude::*;
use marketplace::{GroundVm, Output};
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpFailure};

use crate::growth::grown;

/// Connections that are refused, under ever new handles, to processes that die of that.
pub(super) fn refused() -> usize {
    let mut vm = GroundVm::new(|_| transition_no_state!(tcp::driver()));
    vm.run(usize::MAX);
    let why = TcpFailure { kind: "ConnectionRefused".into(), text: "nobody listens".into() };
    let why = Reason::value(&why);
    grown(10, |come, _| {
        for number in come {
            let (here, there) = (TcpAddress::Handle(number.to_value()), TcpAddress::remote("localhost", 1));
            vm.spawn(spawn!(transition_no_state!(
                publisher!(TcpChannel(here, there, _)),
                subscriber!(TcpChannel(there, here, _)),
            )));
        }
        vm.run(usize::MAX);
        while let Some(output) = vm.poll() {
            if let Output::Start(source, _) = output {
                vm.end(&source, &why);
                vm.run(usize::MAX);
            }
        }
    })
}
