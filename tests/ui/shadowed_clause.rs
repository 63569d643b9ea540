use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Says { .. }, on_presence!(), on_first_presence!(quit()))
}

fn main() {}
