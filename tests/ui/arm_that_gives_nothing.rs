//! All branches are of one type. One that logs only is fine beside others that give nothing.

use marketplace::prelude::*;

fn endpoint(last: u8) -> AddEndpoint<()> {
    subscriber!(
        "count",
        on_presence!(match last {
            0 => println!("none"),
            _ => (),
        }),
        on_message!(n: u8 => match n {
            0 => {}
            1 => quit().because("one"),
            _ => (),
        }),
        on_absence!(if last == 0 {
            actions![quit()]
        } else {
        }),
        on_vacancy!({
            let done = last == 1;
            if done { () } else if last == 2 { send_message!(last) } else { () }
        }),
    )
}

fn boot(n: u8) -> Transition<()> {
    transition_no_state!(match n {
        0 => (),
        _ => spawn!(boot(n - 1)),
    })
}

fn main() {
    let _ = boot(3);
    let _ = endpoint(3);
}
