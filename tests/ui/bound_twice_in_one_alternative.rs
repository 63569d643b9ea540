use marketplace::prelude::*;

#[derive(Message, Clone)]
enum Shape {
    Circle(u8),
    Box { a: u8, b: u8 },
}

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, on_message!(Shape::Circle(a) | Shape::Box { a, b: a } => send_message!(a)))
}

fn main() {}
