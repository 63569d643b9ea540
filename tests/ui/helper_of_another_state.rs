//! A function gives actions for a process with another state: the mistake is where it is called.

use marketplace::prelude::*;

fn greet() -> ActionTree<u32> {
    actions![send_message!("hello")]
}

fn process() -> Transition<()> {
    transition_no_state!(subscriber!("bye", on_message!(_ => quit())), greet(), send_message!("there"))
}

fn main() {
    let _ = process();
}
