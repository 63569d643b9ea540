//! In a block only the last expression counts.

use marketplace::prelude::*;

fn endpoint() -> AddEndpoint<()> {
    subscriber!(
        _,
        on_presence!({
            send_message!("hello");
            quit()
        }),
        on_absence!({
            delete_endpoint("door").because(Reason::Normal);
        }),
    )
}

fn main() {
    let _ = endpoint();
}
