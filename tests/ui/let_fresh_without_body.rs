use marketplace::prelude::*;

fn tree() -> ActionTree<()> {
    let_fresh!(name)
}

fn main() {}
