use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Says { .. }, on_absence!(quit()), on_refusal!())
}

fn main() {}
