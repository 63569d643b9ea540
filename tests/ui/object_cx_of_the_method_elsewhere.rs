use marketplace::objects::*;
use marketplace::prelude::*;

struct Bell;

#[object]
impl Bell {
    fn ring(&self) {}
}

struct Guest {
    bell: Far<Bell>,
}

#[object]
impl Guest {
    fn waits(&self, cx: &Cx<Self>) {
        let bell = self.bell.clone();
        cx.act(subscriber!("ring", on_message!(_ => {
            bell.ring(cx);
            actions![]
        })));
    }
}

fn main() {}
