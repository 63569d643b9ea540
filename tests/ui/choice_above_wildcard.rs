use marketplace::prelude::*;

#[derive(Message, Clone)]
enum Item {
    Data(u8),
    End,
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, match_conversation!(Item::Data(_) | Item::End => on_presence!(quit())))
}

fn main() {}
