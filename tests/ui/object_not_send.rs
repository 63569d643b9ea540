use marketplace::objects::*;

use std::rc::Rc;

struct Counter(Rc<u64>);

#[object]
impl Counter {
    fn count(&self) -> u64 {
        *self.0
    }
}

fn main() {}
