//! A boot that is not called, an object and an action for the first transition of a process.

use marketplace::objects::*;
use marketplace::prelude::*;

struct Purse;

#[object]
impl Purse {
    fn pay(&mut self) {}
}

fn session() -> Transition<()> {
    transition_no_state!()
}

fn main() {
    let _: Transition<()> = transition_no_state!(spawn!(session), spawn!(Purse), spawn!(publisher!("a")));
}
