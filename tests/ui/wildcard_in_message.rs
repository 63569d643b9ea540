use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn action() -> PreAction<()> {
    send_message!(Says { who: "tony", what: _ })
}

fn main() {}
