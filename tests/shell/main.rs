//! The shell: each command, by what it says.

mod commands;
mod objects;
#[cfg(unix)]
mod prompt;
#[cfg(unix)]
mod socket;

use marketplace::prelude::*;
use marketplace::shell::Shell;
use marketplace::vat::{Vat, VatOptions};

/// An office: a clerk who counts orders, and a nested VM with somebody in it.
fn office() -> Vat {
    let clerk = || {
        transition!(
            0u32,
            peekable(),
            subscriber!(
                "order",
                match_state!(n: u32 => on_message!(_ => transition!(n + 1, send_message!(("done", n + 1))))),
            )
        )
    };
    let inner = || {
        transition_no_state!(
            name_process("guest", spawn!(transition_no_state!(subscriber!("knock")))),
            at_meta_level!(publisher!("house"))
        )
    };
    let boot = move |_| {
        transition_no_state!(
            name_process("clerk", spawn!(clerk())),
            name_process("house", spawn_vm!(inner().actions))
        )
    };
    let vat = Vat::spawn(VatOptions { name: Some("office".into()), ..VatOptions::default() }, boot).unwrap();
    while vat.inspect(|debugger| debugger.dump().queued > 0 || debugger.stamp() < 8).unwrap() {}
    vat
}

/// The output of a script: each line, and its result.
fn script(shell: &mut Shell, lines: &str) -> String {
    lines
        .lines()
        .map(|line| {
            let line = line.trim();
            let said = shell.execute(line).unwrap_or_else(|error| format!("! {error}\n"));
            format!("{}{line}\n{said}", shell.prompt())
        })
        .collect()
}
