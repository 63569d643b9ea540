use marketplace::prelude::*;

#[derive(Message, Clone)]
enum Word {
    #[message(label = "word")]
    Name(Text),
    #[message(label = "word")]
    Number(u8),
}

fn main() {}
