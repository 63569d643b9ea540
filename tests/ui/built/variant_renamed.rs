use marketplace::prelude::*;

mod tcp {
    use marketplace::prelude::*;

    #[derive(Message, Clone)]
    pub enum Address {
        Listener(u16),
        Remote(String, u16),
    }
}

use tcp::Address::Remote as Peer;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(Peer(_, 80))
}

fn main() { drop(endpoint());}
