use marketplace::prelude::*;

use std::rc::Rc;

fn action() -> Spawn<()> {
    spawn!(transition!(Rc::new(1)))
}

fn main() {}
