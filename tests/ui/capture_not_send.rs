use marketplace::prelude::*;

use std::rc::Rc;

fn endpoint(count: Rc<u32>) -> AddEndpoint<()> {
    subscriber!(_, on_presence!((*count > 3).then(quit)))
}

fn main() {}
