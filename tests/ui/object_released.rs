use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    #[method(released)]
    fn gone(&mut self, cx: &Cx<Self>, why: Text) -> u64 {
        let _ = (cx, why);
        0
    }
}

fn main() {}
