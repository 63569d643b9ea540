use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Says(Symbol, Value);

fn endpoint(user: Symbol, mood: Symbol) -> AddEndpoint<()> {
    publisher!(Says(user, mood))
}

fn main() {}
