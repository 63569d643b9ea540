//! A topic that is there already, without `topic =`.

use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn main() {
    let said = topic!(Says { .. });
    let _: Transition<()> = transition_no_state!(subscriber!(said), subscriber!(topic = said));
}
