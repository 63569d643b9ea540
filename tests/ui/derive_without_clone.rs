use marketplace::prelude::*;

#[derive(Message)]
struct Ping(u16);

fn main() {}
