use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Ping(u16);

#[derive(Message, Clone)]
#[message(label = Ping)]
enum Said {
    Ping(u16),
    Nothing,
}

fn main() {}
