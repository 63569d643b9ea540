//! An error as a reason.

use marketplace::prelude::*;

fn fails(error: std::io::Error) -> PreAction<()> {
    quit().because(error)
}

fn main() {
    let _ = fails;
}
