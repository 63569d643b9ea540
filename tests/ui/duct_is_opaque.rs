//! A process cannot look into a duct.

use marketplace::prelude::*;

fn main() {
    let _endpoint: AddEndpoint<()> = subscriber!(_, match_duct!(duct => on_message!(_ => {
        let hops = duct.hops();
        let top = duct.0;
    })));
}
