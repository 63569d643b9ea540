use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

fn boots() -> (Spawn<()>, Far<Purse>) {
    spawn_object(Purse { balance: 0 })
}

fn main() {}
