use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    callee!((_, 1u8), match_duct!(duct => on_message!(_ => give(&duct, &1u8))))
}

fn main() {}
