use marketplace::objects::*;

#[object(transactional)]
trait Account {
    const MOST: u64;

    fn balance(&self) -> u64 {
        0
    }

    #[method(released)]
    fn gone(&mut self, cx: &Cx<Self>);
}

fn main() {}
