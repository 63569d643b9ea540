//! A loop gives nothing. One that pushes to a `Vec` is fine.

use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(
        "count",
        on_presence!({
            let mut all = Vec::new();
            for n in 0..3u8 {
                all.push(send_message!(n));
            }
            all
        }),
        on_message!(_ => {
            for n in 0..3u8 {
                send_message!(n)
            }
        }),
    )
}

fn main() {
    let _ = endpoint();
}
