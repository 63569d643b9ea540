use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(
        Says { what: [_], .. },
        on_presense!(quit()),
        on_message!(everything => quit()),
        match_reason!(Reason::Normal => on_vacancy!(quit())),
        quit(),
        on_absence!(return quit()),
    )
}

fn main() {}
