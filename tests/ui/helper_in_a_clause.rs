//! A function gives actions for a process with another state: the mistake is where it is called,
//! however deep in the endpoint that is.

use marketplace::prelude::*;

fn greet() -> ActionTree<u32> {
    actions![send_message!("hello")]
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!("bye", on_message!(_ => quit()), on_presence!(greet()))
}

fn process() -> Transition<()> {
    transition_no_state!(publisher!("bye", on_absence!(greet(), quit())))
}

fn nested() -> ActionTree<bool> {
    actions![subscriber!(_, match_state!(open: &bool => on_message!(_ if *open => subscriber!("door", on_absence!(greet()))))), quit()]
}

fn moved() -> Transition<bool> {
    transition!(true, replies!(match_state!(open: bool => on_reply!(_, _ => transition!(open, greet())))), quit())
}

fn main() {
    drop((endpoint(), process(), nested(), moved()));
}
