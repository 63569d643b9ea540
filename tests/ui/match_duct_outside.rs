use marketplace::prelude::*;

fn main() {
    let _ = match_duct!(duct => on_message!(_ => give(&duct, &1u8)));
}
