use marketplace::prelude::*;

fn endpoint() -> ActionTree<()> {
    actions![on_presence!(quit())]
}

fn main() {}
