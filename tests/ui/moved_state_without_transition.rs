use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<u32> {
    subscriber!(_, match_state!(_n: u32 => on_presence!(quit())))
}

fn main() {}
