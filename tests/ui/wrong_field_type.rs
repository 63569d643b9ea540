use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Ping(u16);

fn endpoint() -> AddEndpoint<()> {
    publisher!(Ping("one"))
}

fn main() {}
