use marketplace::prelude::*;

fn tree(log: String) -> ActionTree<()> {
    actions![
        subscriber!(_, on_presence!(log.is_empty().then(quit))),
        publisher!(_, on_presence!(log.is_empty().then(quit))),
    ]
}

fn main() {}
