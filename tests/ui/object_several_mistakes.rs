use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn new() -> Self {
        Self { balance: 0 }
    }

    #[method(nam = "getBalance")]
    async fn balance(&self) -> u64 {
        self.balance
    }

    fn eq(&self, other: &str) -> bool {
        other.is_empty()
    }

    fn fine(&self) -> u64 {
        self.balance
    }
}

fn fine(cx: &impl Asks, purse: &Far<Purse>) -> Promise<u64> {
    purse.fine(cx)
}

fn main() {}
