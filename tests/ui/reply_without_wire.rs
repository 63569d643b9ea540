use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = replies!(on_reply!(sum: i64 => send_message!(sum)));
}
