use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    replies!(match_duct!(duct => on_message!(_ => give(&duct, &1u8))))
}

fn main() {}
