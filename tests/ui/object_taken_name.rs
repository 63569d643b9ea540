use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn clone(&self) -> u64 {
        self.balance
    }

    #[method(name = "hash")]
    fn to_value(&self) -> u64 {
        self.balance
    }
}

fn main() {}
