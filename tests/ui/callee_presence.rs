use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    callee!(match_duct!(duct => on_message!(_ => give(&duct, &1u8))), on_absence!(quit()))
}

fn main() {}
