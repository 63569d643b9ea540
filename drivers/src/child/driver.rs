//! The driver's process: it sees who names which command, and keeps a process for each.

use std::sync::Arc;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::child::halves::Children;
use crate::child::messages::{ChildInput, ChildOutput, Command};
use crate::child::session;
use crate::demand::Demand;

type Driver = Demand<Command>;

pub(super) fn spawn<S>(children: Arc<dyn Children>) -> Spawn<S> {
    name_process("child-driver", spawn!(boot(children))).only("child driver")
}

fn boot(children: Arc<dyn Children>) -> Transition<Driver> {
    let start = move |command: &Command| session::spawn(command, &children.start(command));
    transition!(
        Demand::new(start),
        look(Role::observer_of_subscribers(topic!(ChildOutput(_, _, _)))),
        look(Role::observer_of_publishers(topic!(ChildInput(_, _)))),
    )
}

fn look(role: Role) -> AddEndpoint<Driver> {
    AddEndpoint::new(role, demand).without_messages()
}

/// Somebody who may want a child comes or goes. Who leaves the command open wants none.
fn demand(event: &Event<'_>, turn: &mut Turn<'_, Driver>) -> Outcome<Driver> {
    let named = event.conversation().field(0).and_then(|command| command.decode::<Command>());
    match named {
        Some(command) if event.is_presence() => turn.transition(|driver| driver.wanted(command)),
        // A refusal is no peer that goes: somebody who is none says no to it.
        Some(command) if event.is_absence() && !event.is_refusal() => {
            turn.transition(|driver| driver.unwanted(&command))
        }
        _ => turn.act(()),
    }
}
