use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn pay(&mut self, amount: u64, cx: &Cx<Self>) {
        let _ = (amount, cx);
    }
}

fn main() {}
