use marketplace::objects::*;

#[object]
trait Party {
    fn pays(&mut self, amount: u64) -> bool;
}

struct Seller {
    balance: u64,
}

#[object]
impl Party for Seller {
    fn pays(&mut self, amount: u64) -> bool {
        self.balance += amount;
        true
    }
}

fn fine(cx: &impl Asks, seller: &Far<Seller>) -> Promise<bool> {
    seller.pays(cx, 7)
}

fn main() {}
