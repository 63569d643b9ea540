use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint(me: u16) -> AddEndpoint<()> {
    publisher!(Says { who: me, .. })
}

fn main() {}
