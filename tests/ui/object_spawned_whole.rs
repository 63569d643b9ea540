use marketplace::objects::*;
use marketplace::prelude::*;

struct Bank;

#[object]
impl Bank {
    fn open(&self) {}
}

fn boot() -> Transition<()> {
    transition_no_state!(spawn_object(Bank))
}

fn main() {}
