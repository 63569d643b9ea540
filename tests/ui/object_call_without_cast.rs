use marketplace::objects::*;

#[object]
trait Bidder {
    fn outbid(&mut self, by: u64);
}

struct Robot;

#[object]
impl Robot {
    fn outbid(&mut self, by: u64) {
        let _ = by;
    }

    fn joins(&mut self, cx: &Cx<Self>, lot: Far<Lot>) {
        lot.join(cx, cx.me());
    }
}

struct Lot;

#[object]
impl Lot {
    fn join(&mut self, bidder: Far<dyn Bidder>) {
        let _ = bidder;
    }
}

fn main() {}
