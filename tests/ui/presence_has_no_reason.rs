use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Says { .. }, match_reason!(Reason::Normal => on_presence!(quit())))
}

fn main() {}
