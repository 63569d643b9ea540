use marketplace::prelude::*;

#[derive(Message, Clone)]
enum Shape {
    Circle(u8),
    Box { a: u8, b: u8 },
}

fn endpoint() -> AddEndpoint<()> {
    replies!(on_reply!(a: u8, Shape::Circle(a) => send_message!(a)))
}

fn main() {}
