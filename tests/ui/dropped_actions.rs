//! Actions are values: those that are not returned are never performed.

#![deny(unused_must_use)]

use marketplace::prelude::*;

fn greet(name: Text) -> ActionTree<()> {
    actions![send_message!(name), quit()]
}

fn open() -> PreAction<()> {
    send_message!("open")
}

fn door() -> AddEndpoint<()> {
    subscriber!("close")
}

fn guest() -> Spawn<()> {
    spawn!(transition_no_state!())
}

fn wait() -> Action<()> {
    yield_now!(|()| transition_no_state!())
}

fn room() -> Transition<()> {
    greet("ann".into());
    open();
    door();
    guest();
    wait();
    transition_no_state!(quit());
    transition_no_state!()
}

fn main() {
    let _ = room();
}
