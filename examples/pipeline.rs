//! A pipeline of VMs: a line goes through stages, each in a nested VM of its own.
//!
//! Run it: `printf 'one\ntwo\n' | cargo run --example pipeline`. It ends when the input does.
//!
//! The stages know nothing of each other. Inside its VM a stage hears `In` and says `Out`, and
//! nobody outside hears that; `stage` passes along at the meta level what goes in and what comes
//! out.

use marketplace::prelude::*;
use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput};

/// A line that has been through so many stages.
#[derive(Message, Clone, Debug, PartialEq)]
struct Line(u32, Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct In(Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct Out(Text);

fn main() -> Result<(), GroundError> {
    ground_vm!(
        console::driver(),
        stage(0, spawn!(upper_case())),
        stage(1, spawn!(numbering())),
        stage(2, spawn!(printer())),
        subscriber!(
            ConsoleInput(_),
            on_message!(ConsoleInput(line) => send_message!(Line(0, line))),
            on_absence!(quit()),
        ),
    )
}

/// A VM with a worker in it. Its boot process stands at the edge.
fn stage(n: u32, worker: Spawn<()>) -> Spawn<()> {
    spawn_vm!(
        worker,
        at_meta_level!(subscriber!(Line(n, _), on_message!(Line(_, line) => send_message!(In(line))))),
        subscriber!(Out(_), on_message!(Out(line) => at_meta_level!(send_message!(Line(n + 1, line))))),
    )
}

fn upper_case() -> Transition<()> {
    transition_no_state!(subscriber!(
        In(_),
        on_message!(In(line) => send_message!(Out(Text::from(line.to_uppercase())))),
    ))
}

fn numbering() -> Transition<u32> {
    transition!(
        1,
        subscriber!(
            In(_),
            match_state!(n: u32 => on_message!(In(line) =>
                transition!(n + 1, send_message!(Out(Text::from(format!("{n}: {line}"))))))),
        ),
    )
}

/// Prints, one level out: there the console is.
fn printer() -> Transition<()> {
    transition_no_state!(subscriber!(
        In(_),
        on_message!(In(line) => at_meta_level(send_message(&ConsoleOutput::line(&line)))),
    ))
}
