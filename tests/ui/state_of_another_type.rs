//! Endpoints for one state among the actions of a process with another one.

use marketplace::prelude::*;

struct Store(u64);

fn process() -> Transition<()> {
    transition_no_state!(
        subscriber!(
            _,
            match_state!(Store(n): Store => on_message!(more: u64 => transition!(Store(n + more)))),
        ),
        subscriber!(_, match_state!(store: &Store => on_presence!(send_message!(store.0)))),
        subscriber!(_, match_state!(store: &mut Store => on_absence!(quit()))),
    )
}

fn main() {
    let _ = process();
}
