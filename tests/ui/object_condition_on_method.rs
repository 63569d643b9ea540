use marketplace::objects::*;
use marketplace::prelude::*;

struct Holder<T>(T);

#[object]
impl<T: Message> Holder<T> {
    fn get(&self) -> T
    where
        T: Copy,
    {
        self.0
    }
}

fn main() {}
