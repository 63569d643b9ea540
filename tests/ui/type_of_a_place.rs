//! Types stand behind whole patterns, not at places, and not in topics.

use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says(u64, Text);

fn endpoints() -> Transition<()> {
    transition_no_state!(
        subscriber!(_, on_message!(Says(_: u64, what) => send_message!(what))),
        subscriber!(_, match_conversation!((n: u64, _) => on_presence!(send_message!(n)))),
        subscriber!(_: u64, on_presence!(quit())),
        subscriber!(Says(_: u64, _), on_presence!(quit())),
    )
}

fn main() {
    let _ = endpoints();
}
