use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn keep<T: Message>(&mut self, it: T) {
        let _ = it;
    }

    fn keep_some<const N: usize>(&mut self, them: [u64; N]) {
        let _ = them;
    }
}

fn main() {}
