//! A program that waits in vain for a driver is told which one is missing, once.

use std::time::Duration;

use marketplace::Driver;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::vat::{Vat, VatOptions};
use marketplace_drivers::timer;

use crate::{logs, told};

pub(crate) const LAMPS: Driver = Driver { kind: "lamp driver", action: "lamps::driver()", relay: None };

#[derive(Message, Clone, Debug, PartialEq)]
#[message(driver = LAMPS)]
pub(crate) struct Lamp {
    on: bool,
}

pub(crate) fn driver() -> Spawn<()> {
    spawn!(transition_no_state!(observe_publishers!(Lamp { .. }), observe_subscribers!(Lamp { .. })))
        .only(LAMPS.kind)
}

fn switch() -> Transition<()> {
    transition_no_state!(publisher!(Lamp { .. }))
}

fn tells() -> Transition<()> {
    transition_no_state!(send_message!(Lamp { on: true }), send_feedback!(Lamp { on: false }))
}

#[test]
fn a_process_that_waits_for_a_driver_that_is_missing_is_told_which_once() {
    assert_eq!(
        logs(&told("hints::waits")),
        [
            "WARN marketplace: nobody answers switch(), which waits for Lamp: there is no lamp driver in its VM; \
          add `lamps::driver()` to the actions of the ground VM"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn waits() {
    assert_eq!(ground_vm!(spawn!(switch()), spawn!(switch())), Ok(()));
}

/// The session of a server comes with its first client, when the program has long been idle.
#[test]
fn a_process_that_comes_later_is_told_before_the_program_ends() {
    assert_eq!(
        logs(&told("hints::waits_later")),
        [
            "WARN marketplace: nobody answers switch(), which waits for Lamp: there is no lamp driver in its VM; \
          add `lamps::driver()` to the actions of the ground VM"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn waits_later() {
    let boot = |_| {
        transition_no_state!(subscriber!(
            ("client", _),
            on_message!(("client", n): (Text, u64) => (n == 3).then(|| spawn!(switch()))),
        ))
    };
    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    for client in 0..8u64 {
        pump.pump();
        vat.send(&(Text::from("client"), client)).unwrap();
    }
    // It has no end of its own, at which that would be told, too.
    vat.halt();
}

#[test]
fn a_process_that_says_something_to_a_driver_that_is_missing_is_told_which_once() {
    assert_eq!(
        logs(&told("hints::says")),
        ["WARN marketplace: nobody hears the Lamp of tells(): there is no lamp driver in its VM; \
          add `lamps::driver()` to the actions of the ground VM"]
    );
}

#[test]
#[ignore = "run by other tests"]
fn says() {
    assert_eq!(ground_vm!(spawn!(tells())), Ok(()));
}

#[test]
fn in_a_nested_vm_the_way_out_is_told() {
    assert_eq!(
        logs(&told("hints::waits_inside")),
        [
            "WARN marketplace: nobody answers room/switch(), which waits for Lamp: there is no lamp driver in its VM; \
          it is in a VM around, with which one speaks `at_meta_level!(..)`"
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
fn waits_inside() {
    assert_eq!(ground_vm!(driver(), spawn_vm!(name: "room"; spawn!(switch()))), Ok(()));
}

#[test]
fn in_a_nested_vm_the_relay_of_a_driver_is_told() {
    let [inside, nowhere] = ["hints::waits_for_a_relay", "hints::waits_for_both"].map(told);
    let hint = "sim: nobody answers room/waits(), which waits for TimerExpired: there is no timer driver or relay in its VM; ";
    let or_play = ", or let a process of the test play its part";
    let relay = "there is one in a VM around: add `timer::relay()` to the actions of its VM, or speak `at_meta_level!(..)`";
    assert_eq!(inside, [format!("{hint}{relay}{or_play}")]);
    let both =
        "add `timer::driver()` to the actions of the ground VM, and `timer::relay()` to those of its VM";
    assert_eq!(nowhere, [format!("{hint}{both}{or_play}")]);
}

fn waits_in_a_room() -> Spawn<()> {
    fn waits() -> Transition<()> {
        transition_no_state!(timer::after(Duration::from_secs(1), quit))
    }
    spawn_vm!(name: "room"; spawn!(waits()))
}

#[test]
#[ignore = "run by other tests"]
fn waits_for_a_relay() {
    let mut sim = Sim::new(|_| transition_no_state!(timer::driver(), waits_in_a_room()));
    sim.advance(Duration::from_secs(2));
}

#[test]
#[ignore = "run by other tests"]
fn waits_for_both() {
    let mut sim = Sim::new(|_| transition_no_state!(waits_in_a_room()));
    sim.advance(Duration::from_secs(2));
}

#[test]
fn with_its_driver_or_another_process_that_answers_nothing_is_told() {
    assert_eq!(told("hints::in_order"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn in_order() {
    assert_eq!(ground_vm!(driver(), spawn!(switch()), spawn!(tells())), Ok(()));
    // A stand-in, of no kind.
    let stand_in = || transition_no_state!(observe_publishers!(Lamp { .. }));
    assert_eq!(ground_vm!(spawn!(stand_in()), spawn!(transition_no_state!(publisher!(Lamp { .. })))), Ok(()));
}

#[test]
fn a_sim_in_which_time_passes_in_vain_says_for_which_driver_once() {
    let hint = "sim: nobody answers switch(), which waits for Lamp: there is no lamp driver in its VM; \
                add `lamps::driver()` to the actions of the ground VM, or let a process of the test play its part";
    assert_eq!(told("hints::waits_in_a_sim"), [hint]);
}

#[test]
#[ignore = "run by other tests"]
fn waits_in_a_sim() {
    let mut sim = Sim::new(|_| transition_no_state!(spawn!(switch())));
    sim.run();
    for seconds in [0, 1, 1] {
        sim.advance(Duration::from_secs(seconds));
    }
    let mut sim = Sim::new(|_| transition_no_state!(driver(), spawn!(switch())));
    sim.advance(Duration::from_secs(1));
}

#[test]
fn the_drivers_of_this_workspace_are_named() {
    use marketplace_drivers::{child, console, signals, tcp, timer, udp, watch};
    fn names(message: Topic, action: &str) {
        let mut vm = marketplace::GroundVm::new(move |_| {
            let endpoint = AddEndpoint::new(Role::subscriber(message), |_, turn| turn.skip());
            Transition::new((), endpoint)
        });
        vm.run(usize::MAX);
        let actions: Vec<_> = vm.unmet().iter().map(|unmet| unmet.driver.action).collect();
        assert_eq!(actions, [action]);
    }
    names(topic!(tcp::TcpChannel(_, _, _)), "tcp::driver()");
    names(topic!(udp::UdpPacket(_, _, _)), "udp::driver()");
    names(topic!(timer::TimerExpired { .. }), "timer::driver()");
    names(topic!(console::ConsoleInput(_)), "console::driver()");
    names(topic!(signals::Signalled(_)), "signals::driver()");
    names(topic!(child::ChildOutput(..)), "child::driver()");
    names(topic!(watch::FileChanged { .. }), "watch::driver()");
}
