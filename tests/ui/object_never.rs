use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn crash(&self) -> ! {
        panic!()
    }
}

fn main() {}
