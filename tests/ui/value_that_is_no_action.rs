//! The last expression of a body has a value that is no action.

use marketplace::prelude::*;

fn check(text: &str) -> Result<(), std::num::ParseIntError> {
    text.parse().map(|_: u64| ())
}

fn main() {
    let _: Transition<Vec<u64>> = transition!(
        vec![],
        subscriber!("pop", match_state!(stack: &mut Vec<u64> => on_message!(_ => stack.pop()))),
        subscriber!("check", on_message!(_ => check("7"))),
    );
}
