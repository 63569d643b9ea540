//! `vat run`.

use std::error::Error;
use std::process::ExitCode;

use vat::Container;

use crate::program::command::Command;
use crate::program::{print, scan, tell_ended};

pub(crate) fn run(command: &Command) -> Result<ExitCode, Box<dyn Error>> {
    let mut container = Container::load(scan(command)?, &command.argv)?;
    container.run();
    let ended = tell_ended(&container, 0);
    print("= vat finished\n");
    Ok(if ended == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
