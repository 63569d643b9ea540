//! A reply has two patterns: the wire's and its own.

use marketplace::prelude::*;

fn main() {
    let _endpoint: AddEndpoint<()> = replies!(on_reply!(sum: u32 => send_message!(sum)));
}
