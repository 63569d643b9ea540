use marketplace::prelude::*;

fn session(_config: String) -> Transition<()> {
    transition_no_state!()
}

fn endpoint(config: String) -> AddEndpoint<()> {
    subscriber!(_, on_presence!(spawn!(session(config))))
}

fn main() {}
