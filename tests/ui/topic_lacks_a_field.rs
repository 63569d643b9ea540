use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn main() {
    let _: Transition<()> = transition_no_state!(
        subscriber!(Says { who: "ann" }, on_message!(Says { .. } => quit())),
        subscriber!(Says { .. }, on_message!(Says { who } => send_message!(who))),
    );
}
