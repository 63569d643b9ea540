use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    #[method(bare, name = "pay")]
    fn pay(&mut self, amount: u64) {
        self.balance += amount;
    }

    #[method(released, bare)]
    fn gone(&mut self, cx: &Cx<Self>) {
        let _ = cx;
    }
}

fn main() {}
