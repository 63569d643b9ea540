use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<Vec<u32>> {
    subscriber!(_, match_state!(waiting: &mut Vec<u32> if waiting.pop().is_some() => on_presence!(quit())))
}

fn main() {}
