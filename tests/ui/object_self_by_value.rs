use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn close(self) -> u64 {
        self.balance
    }

    fn open(self: Box<Self>) {}
}

fn main() {}
