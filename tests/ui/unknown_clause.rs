use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Says { .. }, on_mesage!(Says { what, .. } => send_message!(Says { who: "echo", what })))
}

fn main() {}
