use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object(transactional)]
impl Purse {
    fn balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
