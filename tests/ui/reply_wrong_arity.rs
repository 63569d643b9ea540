use marketplace::prelude::*;

#[derive(Message, Clone)]
struct Sum(i64, i64);

fn main() {
    let _: AddEndpoint<()> = replies!(on_reply!("sum", Sum(sum) => send_message!(sum)));
}
