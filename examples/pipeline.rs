//! A pipeline of VMs: a line goes through stages, each in a nested VM of its own.
//!
//! Run it: `printf 'one\ntwo\n' | cargo run --example pipeline`. It ends when the input does.
//!
//! The stages know nothing of each other. Inside its VM a stage hears `In` and says `Out`, and nobody outside hears that; `stage` passes along
//! at the meta level what goes in and what comes out.

use marketplace::prelude::*;
use marketplace::{Ground, Source};
use tokio::sync::oneshot;

/// A line that has been through so many stages.
#[derive(Message, Clone, Debug, PartialEq)]
struct Line(u32, Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct In(Text);

#[derive(Message, Clone, Debug, PartialEq)]
struct Out(Text);

fn main() -> Result<(), GroundError> {
    ground_vm!(
        stage(0, spawn!(upper_case())),
        stage(1, spawn!(numbering())),
        stage(2, spawn!(printer())),
        spawn!(transition_no_state!(next_line())),
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

fn printer() -> Transition<()> {
    transition_no_state!(subscriber!(In(_), on_message!(In(line) => println!("{line}"))))
}

/// Waits for a line of the input, says it, and waits for the next. When there is none, nobody listens to a source any more: so the program ends,
/// as soon as every line has gone its way.
fn next_line() -> ActionTree<()> {
    let source = Source::future(read_line());
    let name = source.to_value();
    at_meta_level!(name_endpoint(
        name,
        subscriber!(
            Ground::<Text>(source, _),
            on_message!(Ground::<Text>(_, line) => {
                let more = !line.is_empty();
                more.then(|| actions![send_message!(Line(0, Text::from(line.trim_end()))), next_line()])
            }),
            on_absence!(at_meta_level!(delete_endpoint(&source))),
        ),
    ))
}

/// A line with its end; nothing at the end of the input. A thread of its own waits for it, so that Ctrl-C need not.
async fn read_line() -> Result<Text, std::io::Error> {
    let (tell, line) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        // If nobody wants it any more, the program is ending.
        let _ = tell.send(read.map(|_| Text::from(line)));
    });
    line.await.map_err(std::io::Error::other)?
}
