use marketplace::objects::*;

#[object]
struct Purse {
    balance: u64,
}

fn main() {}
