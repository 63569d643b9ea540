//! A struct has one constructor, which goes by any name.

mod talk {
    use marketplace::prelude::*;

    #[derive(Message, Clone)]
    pub struct Says {
        pub who: Symbol,
        pub what: Text,
    }
}

use marketplace::prelude::*;
use talk::Says as Spoken;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Spoken { .. }, on_message!(Spoken { who, .. } => send_message!(who)))
}

fn main() {
    drop(endpoint());
}
