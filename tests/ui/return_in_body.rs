use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Ping(u16);

fn endpoint() -> AddEndpoint<()> {
    subscriber!(_, on_message!(Ping(n) => {
        if n > 3 {
            return quit();
        }
        send_message!(Ping(n))
    }))
}

fn main() {}
