//! The driver's process: it sees which participants name which command, and keeps a process for
//! each command.

use std::sync::Arc;

use marketplace::Event;
use marketplace::prelude::*;

use crate::child::halves::Children;
use crate::child::messages::{ChildInput, ChildOutput, Command};
use crate::child::session;
use crate::demand::Demand;

type Driver = Demand<Command>;

pub(super) fn spawn<S>(children: Arc<dyn Children>) -> Spawn<S> {
    name_process(Symbol::new("child-driver"), spawn!(boot(children))).only(super::DRIVER.kind)
}

fn boot(children: Arc<dyn Children>) -> Transition<Driver> {
    let start = move |command: &Command| session::spawn(command, &children.start(command));
    transition!(
        Demand::new(start),
        Driver::look(Role::observer_of_subscribers(topic!(ChildOutput(_, _, _))), wanted),
        Driver::look(Role::observer_of_publishers(topic!(ChildInput(_, _))), wanted),
    )
}

/// The command that the peer names. A peer that leaves it open wants none.
fn wanted(event: &Event<'_>) -> Option<Command> {
    event.conversation().field(0)?.decode()
}
