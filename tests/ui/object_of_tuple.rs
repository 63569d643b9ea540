use marketplace::objects::*;

#[object]
impl (u64, u64) {
    fn first(&self) -> u64 {
        self.0
    }
}

fn main() {}
