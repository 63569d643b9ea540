//! The program `vat`: runs the vats of a basedir.

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    program::main(std::env::args_os().skip(1))
}
