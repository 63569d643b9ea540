use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn new() -> Self {
        Self { balance: 0 }
    }
}

fn main() {}
