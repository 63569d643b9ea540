use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says<'a>(&'a str);

fn main() {}
