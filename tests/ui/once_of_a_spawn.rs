use marketplace::prelude::*;

fn action() -> AddEndpoint<()> {
    once(spawn!(transition_no_state!()))
}

fn main() {}
