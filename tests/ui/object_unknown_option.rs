use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object(transactionl)]
impl Purse {
    #[method(nam = "getBalance")]
    fn balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
