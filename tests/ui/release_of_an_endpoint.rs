use marketplace::prelude::*;

fn endpoints() -> ActionTree<()> {
    actions![subscriber!("a", on_release!(quit())), callee!(on_message!(_ => ()), on_release!(quit()))]
}

fn main() {}
