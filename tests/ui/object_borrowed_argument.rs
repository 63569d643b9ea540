use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn name(&mut self, name: &str, owners: &[u64]) {
        let _ = (name, owners);
    }

    fn rename(&mut self, name: Option<&Text>) {
        let _ = name;
    }
}

fn main() {}
