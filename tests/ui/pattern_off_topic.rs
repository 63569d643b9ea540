//! Patterns that nothing on the endpoint's topic has.

use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says(Symbol, Text);

fn endpoints() -> Transition<()> {
    transition_no_state!(
        subscriber!("ping", on_message!(Says(..) => quit())),
        subscriber!("ping", on_message!("pong" => quit())),
        subscriber!(Says("ann", _), on_message!(Says("bob", what) => send_message!(what))),
        subscriber!(Says(..), on_message!(1 | 2 => quit())),
        publisher!((_, 7), on_message!((a, b, c): (u8, u8, u8) => send_message!((a, b, c)))),
        publisher!((_, 7), on_message!(("x", 8) => quit())),
        observe_publishers!((_, _), match_conversation!(Says(..) => on_presence!(quit()))),
    )
}

fn main() {
    let _ = endpoints();
}
