use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(on_presence!(quit()))
}

fn main() {}
