use marketplace::objects::*;
use marketplace::prelude::*;

fn object(far: Far<()>) -> Action<()> {
    object_of!(far, on_message!(_ => quit()))
}

fn main() {}
