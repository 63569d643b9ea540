use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, on_presence!(transition_no_state!(quit())))
}

fn main() {}
