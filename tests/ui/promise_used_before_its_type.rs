use marketplace::objects::*;
use marketplace::prelude::*;

fn answers() -> ActionTree<()> {
    let (later, resolver) = promise();
    let kept = later.clone();
    actions![resolver.fulfill(7u32), send_message!(kept)]
}

fn main() {}
