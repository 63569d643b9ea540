use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn pay(&mut self, amount: impl Into<u64>) {
        self.balance += amount.into();
    }

    fn balance(&self) -> impl Message {
        self.balance
    }
}

fn main() {}
