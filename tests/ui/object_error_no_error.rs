use marketplace::objects::*;

struct Purse {
    balance: u64,
}

struct Empty;

#[object]
impl Purse {
    fn take(&mut self) -> Result<u64, Empty> {
        Err(Empty)
    }
}

fn main() {}
