use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn balance(&self) -> u64 {
        self.balance
    }

    #[method(name = "balance")]
    fn get_balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
