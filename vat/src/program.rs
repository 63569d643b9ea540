//! The verbs of the command line.

mod command;
mod lines;
mod open;
mod run;
mod serve;
mod shell;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use marketplace::one_line;
use marketplace_js::{Options, VatEnded};
use vat::{Basedir, BasedirError, Container};

use crate::program::command::{Command, USAGE, Verb};

/// A mistake on the command line.
const MISUSED: u8 = 2;

pub(crate) fn main(words: impl Iterator<Item = OsString>) -> ExitCode {
    let command = match Command::read(words) {
        Ok(command) => command,
        Err(mistake) => {
            to_stderr(mistake);
            return MISUSED.into();
        }
    };
    let outcome = match command.verb {
        Verb::Help => {
            print(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Run => run::run(&command),
        Verb::Shell => shell::shell(&command),
        Verb::Serve => serve::serve(&command),
    };
    outcome.unwrap_or_else(|why| {
        to_stderr(one_line(&why));
        ExitCode::FAILURE
    })
}

/// The basedir of a command. Files that are ignored there are told.
fn scan(command: &Command) -> Result<Basedir, BasedirError> {
    let mut basedir = Basedir::scan(&command.dir)?;
    for path in basedir.ignored() {
        to_stderr(format_args!("ignoring {}", one_line(&path.display())));
    }
    if let Some(root) = &command.root {
        basedir = basedir.root(root);
    }
    let console = Arc::new(|_: &str, line: &str| print(format_args!("{line}\n")));
    let unheard = Arc::new(|vat: &str, error: &str| {
        to_stderr(format_args!("vat {}: nobody took an error: {}", one_line(vat), one_line(error)));
    });
    Ok(basedir.options(Options { console, unheard, ..Options::default() }))
}

/// Tells which vats have ended, from this one on. Says how many there are by now.
fn tell_ended(container: &Container, known: usize) -> usize {
    let ended = container.ended();
    for ended in ended.iter().skip(known) {
        match ended.reason.decode::<VatEnded>() {
            Some(why) => to_stderr(one_line(&why)),
            None => {
                to_stderr(format_args!("vat {} has ended: {}", one_line(&ended.vat), one_line(&ended.reason)))
            }
        }
    }
    ended.len()
}

/// Writes on stdout. If nobody reads it, there is nothing to be done.
fn print(text: impl fmt::Display) {
    let mut out = io::stdout().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Writes a line on stderr.
fn to_stderr(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
