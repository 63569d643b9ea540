use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Ping(u16);

fn endpoint() -> AddEndpoint<()> {
    publisher!(Ping(1, _))
}

fn main() {}
