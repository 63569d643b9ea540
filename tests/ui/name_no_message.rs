use marketplace::prelude::*;

struct Door;

fn main() {
    let _: Transition<()> = transition_no_state!(name_endpoint(Door, subscriber!("knock")));
}
