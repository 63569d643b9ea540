use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    #[method(bare)]
    fn anything(&mut self, what: Symbol) {
        let _ = what;
    }
}

fn main() {}
