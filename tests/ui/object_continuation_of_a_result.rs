use marketplace::objects::*;

struct Purse;

#[object]
impl Purse {
    fn pay(&mut self) -> u64 {
        7
    }

    fn pays(&mut self, cx: &Cx<Self>, other: Far<Purse>) -> Promise<u64> {
        cx.when(other.pay(cx), |_, _, paid| paid.map(|paid| paid + 1))
    }
}

fn main() {}
