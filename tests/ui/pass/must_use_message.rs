#![deny(unused_must_use)]

use marketplace::prelude::*;

#[must_use]
#[derive(Message, Clone)]
struct Order(u64);

fn main() {
    let _: Transition<()> = transition_no_state!(send_message!(Order(7)));
}
