use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = subscriber!(_, match_duct!(Duct { top, .. } => on_message!(_ => quit())));
}
