use marketplace::objects::*;
use marketplace::prelude::*;

fn object() -> Action<()> {
    object_of!(on_message!(_ => quit()))
}

fn main() {}
