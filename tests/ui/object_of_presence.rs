use marketplace::objects::*;
use marketplace::prelude::*;

fn object(here: Here) -> Action<()> {
    object_of!(here, on_message!(_ => ()), on_presence!(quit()), on_shutdown!(quit()), on_reply!("w", _ => quit()))
}

fn main() {}
