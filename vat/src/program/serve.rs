//! `vat serve`: the roots by CapTP.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::process::ExitCode;
use std::task::Poll;

use marketplace_captp::netlayer::tcp_testing_only;
use vat::Container;
use vat::basedir::BOOTSTRAP;

use crate::program::command::Command;
use crate::program::{print, scan, tell_ended};

pub(crate) fn serve(command: &Command) -> Result<ExitCode, Box<dyn Error>> {
    let basedir = scan(command)?.netlayer(tcp_testing_only::netlayer()?);
    let mut container = Container::load(basedir, &command.argv)?;
    let mut stop = pin!(tokio::signal::ctrl_c());
    // A user who reads an address may interrupt at once: the signal is waited for from here on.
    let stopped = container.serve(poll_fn(|cx| Poll::Ready(stop.as_mut().poll(cx))));
    if let Poll::Ready(stopped) = stopped {
        return Ok(stopped.map(|()| ExitCode::SUCCESS)?);
    }
    let names: Vec<_> = container.names().filter(|name| *name != BOOTSTRAP).map(String::from).collect();
    for name in names {
        let address = container.publish(&name)?;
        print(format_args!("{name} {address}\n"));
    }
    container.serve(stop)?;
    let ended = tell_ended(&container, 0);
    Ok(if ended == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
