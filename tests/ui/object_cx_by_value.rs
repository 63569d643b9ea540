use marketplace::objects::*;

struct Purse {
    balance: u64,
}

#[object]
impl Purse {
    fn pay(&mut self, cx: Cx<Self>) {
        let _ = cx;
    }

    fn close(&mut self, cx: &mut Cx<Self>) {
        let _ = cx;
    }
}

fn main() {}
