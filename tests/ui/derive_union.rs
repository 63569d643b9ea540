use marketplace::prelude::*;

#[derive(Message, Clone, Copy)]
union Either {
    a: u8,
    b: u16,
}

fn main() {}
