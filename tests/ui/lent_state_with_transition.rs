use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<u32> {
    subscriber!(_, match_state!(n: &u32 => on_presence!(transition!(n + 1))))
}

fn main() {}
