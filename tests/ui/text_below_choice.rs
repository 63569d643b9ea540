use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says {
    who: Symbol,
    what: Text,
}

#[derive(Message, Clone)]
enum Word {
    Name(Text),
    Number(u8),
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, on_message!(Word::Name("one") | Word::Number(1) => quit()))
}

fn main() {}
