use marketplace::objects::*;

struct Purse {
    balance: u64,
}

trait Account {
    fn balance(&self) -> u64;
}

#[object]
impl Account for Purse {
    fn balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
