//! A promise has no methods of its own: who waits says that.

use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse;

#[object]
impl Purse {
    fn pay(&mut self) -> u64 {
        7
    }

    fn pays(&mut self, cx: &Cx<Self>, other: Far<Purse>) {
        other.pay(cx).when(|paid| drop(paid));
    }
}

fn later(promise: Promise<Far<Purse>>) -> Transition<()> {
    promise.then(|purse| drop(purse));
    transition_no_state!()
}

fn main() {}
