use marketplace::prelude::*;

#[derive(Message, Clone)]
#[message(name = "ping")]
struct Ping(u16);

fn main() {}
