use marketplace::prelude::*;

#[derive(Message, Clone)]
struct List(Vec<u8>);

fn endpoint() -> AddEndpoint<()> {
    subscriber!(List(vec![1, _]))
}

fn main() {}
