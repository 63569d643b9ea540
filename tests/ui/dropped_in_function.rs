//! Forms in a function of one's own, with a semicolon: nothing says what their state would be.

#![deny(unused_must_use)]

use marketplace::prelude::*;

fn session() -> Transition<()> {
    transition_no_state!()
}

fn greet(name: Symbol) {
    send_message!(name);
    send_feedback!("hello");
    subscriber!(_);
    callee!(on_message!(_ => quit()));
    spawn!(session());
}

fn main() {
    greet("ann".into());
}
