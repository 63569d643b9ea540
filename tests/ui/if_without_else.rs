//! An `if` must say what it gives when its condition does not hold.

use marketplace::prelude::*;

fn endpoint(last: u8) -> AddEndpoint<()> {
    subscriber!(
        "count",
        on_message!(n: u8 => if n == last { quit() }),
        on_vacancy!(if last == 0 { actions![quit()] } else { actions![] }),
    )
}

fn main() {
    let _ = endpoint(3);
}
