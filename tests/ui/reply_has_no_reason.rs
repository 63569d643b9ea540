use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = replies!(match_reason!(_ => on_reply!("sum", _ => quit())));
}
