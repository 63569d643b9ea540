use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, on_message!(message => send_message!(message)))
}

fn main() {}
