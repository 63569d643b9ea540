//! Patterns whose messages are none of those on the endpoint's topic.

use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

#[derive(Message, Clone)]
struct Leaves(Symbol);

#[derive(Message, Clone)]
enum Door {
    Opens(u8),
    Closes(u8),
}

fn hears() -> AddEndpoint<()> {
    subscriber!(
        Says { who: "ann", .. },
        on_message!(Leaves(who) => send_message!(who)),
        match_conversation!(Leaves(_) => on_absence!(quit())),
    )
}

/// A publisher hears feedback, on its own topic.
fn says() -> AddEndpoint<()> {
    publisher!(Says { .. }, on_message!(left: Leaves => send_message!(left)), on_message!(_: u64 => quit()))
}

fn another_variant() -> AddEndpoint<()> {
    subscriber!(Door::Opens(_), on_message!(Door::Closes(n) => send_message!(n)))
}

fn main() {
    drop((hears(), says(), another_variant()));
}
