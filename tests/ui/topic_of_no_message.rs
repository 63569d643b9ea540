//! A type without `#[derive(Message)]`, in a topic and in a pattern.

use marketplace::prelude::*;

struct Says {
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Says { .. }, on_message!(Says { what } => send_message!(what)))
}

fn main() {
    let _ = endpoint();
}
