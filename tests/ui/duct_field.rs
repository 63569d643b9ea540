use marketplace::prelude::*;

fn main() {
    let _: AddEndpoint<()> = subscriber!(_, match_duct!(duct => on_message!(_ => duct.top.map(|_| quit()))));
}
