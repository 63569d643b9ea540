use marketplace::prelude::*;

#[derive(Message, Clone, Debug)]
#[message(error)]
struct Overdrawn(u64);

fn main() {}
