use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = replies!(
        on_reply!(_, _ => quit()),
        on_reply!("sum", sum: i64 => send_message!(sum)),
    );
}
