use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Says { whom: _, .. })
}

fn main() {}
