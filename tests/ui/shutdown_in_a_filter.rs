use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(
        Says { .. },
        match_conversation!(Says { who, .. } => on_shutdown!(send_message!(who))),
        match_reason!(Reason::Normal => on_shutdown!(quit())),
    )
}

fn main() {}
