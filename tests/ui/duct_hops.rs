use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = subscriber!(_, match_duct!(duct => on_message!(_ => send_message!(duct.hops().count()))));
}
