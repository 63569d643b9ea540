use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Pair(u8, u8);

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, on_message!(Pair(x, x) => send_message!(x)))
}

fn main() {}
