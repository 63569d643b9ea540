use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn withdraw(&mut self, amount: u64) -> u64 {
        self.balance -= amount;
        self.balance
    }
}

fn calls(purse: &Far<Purse>) {
    purse.withdraw(&(), 1);
}

fn main() {}
