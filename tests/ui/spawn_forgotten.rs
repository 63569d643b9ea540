use marketplace::prelude::*;

fn counter() -> Transition<()> {
    transition_no_state!(subscriber!("count"))
}

fn main() {
    let _: Transition<()> = transition_no_state!(counter());
    let _: Transition<()> = transition_no_state!(subscriber!("more", on_message!(_ => counter())));
}
