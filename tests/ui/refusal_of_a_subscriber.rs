use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    publisher!(Says { .. }, match_reason!(Reason::Refused(_) => on_refusal!(quit())))
}

fn main() {}
