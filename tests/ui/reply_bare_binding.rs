use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = replies!(on_reply!("sum", sum => send_message!(sum)));
}
