use marketplace::prelude::*;

#[derive(Message, Clone)]
enum Shape {
    Point,
    Circle(u32),
}

/// Which of its labels?
#[derive(Message, Clone)]
#[message(label = Shape)]
struct Round(u32);

fn main() {}
