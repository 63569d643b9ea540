use marketplace::objects::*;
use marketplace::prelude::*;

fn waits() -> ActionTree<()> {
    let (opened, opener) = promise();
    actions![
        opener.break_because("it is locked"),
        when(opened, |(), result| {
            result?;
            Ok(transition_no_state!(send_message!("it is open")))
        }),
    ]
}

fn main() {}
