use marketplace::objects::*;

struct Purse {
    balance: u64,
}

struct Gold;

#[object]
impl Purse {
    fn pay(&mut self, gold: Gold) {
        let _ = gold;
    }
}

fn main() {}
