use marketplace::objects::*;

struct Counter(u64);

#[object]
impl Counter {
    fn inc(&mut self) {
        self.0 += 1;
    }
}

#[object]
impl Counter {
    fn get(&self) -> u64 {
        self.0
    }
}

fn main() {}
