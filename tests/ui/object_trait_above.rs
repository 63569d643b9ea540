use marketplace::objects::*;

trait Named {}

#[object]
trait Account: Named {
    fn balance(&self) -> u64;
}

fn main() {}
