use marketplace::prelude::*;

fn tree() -> ActionTree<u32> {
    at_meta_level!(yield_now!(|n: u32| transition!(n)))
}

fn main() {}
