use marketplace::prelude::*;

fn counts() -> Transition<u64> {
    transition_no_state!(send_message!("more"))
}

fn main() {}
