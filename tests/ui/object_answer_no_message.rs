use marketplace::objects::*;

struct Purse {
    balance: u64,
}

struct Gold;

#[object]
impl Purse {
    fn take(&mut self) -> Gold {
        Gold
    }
}

fn main() {}
