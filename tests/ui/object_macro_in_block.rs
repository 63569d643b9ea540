use marketplace::objects::*;

struct Purse {
    balance: u64,
}

macro_rules! methods {
    () => {
        fn balance(&self) -> u64 {
            self.balance
        }
    };
}

#[object]
impl Purse {
    methods!();
}

fn main() {}
