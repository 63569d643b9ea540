use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

type Answer = std::result::Result<u64, Failure>;

#[object]
impl Purse {
    fn take(&mut self) -> Answer {
        Ok(self.balance)
    }

    fn put(&mut self) -> std::io::Result<Purse> {
        Ok(Self { balance: 0 })
    }
}

fn main() {}
