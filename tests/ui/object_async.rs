use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    async fn balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
