//! Signals of the operating system, as messages for processes that ask for them.
//!
//! ```no_run
//! use marketplace::prelude::*;
//! use marketplace_drivers::signals::{self, Signal, Signalled};
//!
//! /// Reads its settings again at each SIGHUP. SIGINT and SIGTERM end it, as any program.
//! fn main() -> Result<(), GroundError> {
//!     ground_vm!(
//!         signals::driver(),
//!         subscriber!(Signalled(Signal::Hangup), on_message!(_ => println!("reading the settings again"))),
//!     )
//! }
//! ```
//!
//! # The protocol
//!
//! | to | be | what happens |
//! |---|---|---|
//! | hear a signal | a participant that subscribes to [`Signalled`] with that signal; with a wildcard, to all three | every such participant hears it. Several signals that come at once may be one message |
//! | know that it would be heard | look at the presence of its publisher | the driver is one while anybody asks for the signal |
//! | stop hearing it | leave | when no participant is left, SIGINT and SIGTERM end the program again. SIGHUP, once it was asked for, is ignored |
//!
//! While a participant asks for SIGINT or SIGTERM, the signal does not end the program: the
//! participant ends it in order by `at_meta_level!(quit())`. A program whose turn does not end can
//! still be ended: a second signal that comes before the first was sent to the participant ends it
//! at once. (And SIGQUIT and SIGKILL are never asked for.)
//!
//! A signal that was ignored when the program started, as with `nohup` and in the background jobs
//! of a script, goes on being ignored. A participant that subscribes to it hears it all the same:
//! that asks for it explicitly. The signal does not end the program then, nor when the participant
//! has left.
//!
//! A participant that asks for a signal keeps the program from ending, as any listener to a source
//! does.
//!
//! | failure | how it is told |
//! |---|---|
//! | the operating system does not allow it | absence of the publisher, with the [`std::io::Error`] as its reason |

use marketplace::ground::signals::{self, Listening};
use marketplace::prelude::*;
use marketplace::{Event, Ground, Source};

use crate::demand::Demand;

pub use marketplace::ground::signals::Signal;

/// A signal has come.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::signals::{Signal, Signalled};
///
/// /// Ends the program in order, but not in the middle of something.
/// let patient: AddEndpoint<()> =
///     subscriber!(Signalled(Signal::Interrupt), on_message!(_ => send_message!("finish, and then end")));
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
#[message(driver = crate::signals::DRIVER)]
pub struct Signalled(pub Signal);

type Driver = Demand<Signal>;

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: "signals driver", action: "signals::driver()", relay: None };

/// The signals driver: an action, to be performed once in a ground VM. [The module](self) says what
/// it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::signals;
///
/// let boot: Transition<()> = transition_no_state!(signals::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub fn driver<S>() -> Spawn<S> {
    over(signals::source)
}

fn over<S>(source: fn(Signal) -> Source) -> Spawn<S> {
    name_process(Symbol::new("signals-driver"), spawn!(boot(source))).only(DRIVER.kind)
}

fn boot(source: fn(Signal) -> Source) -> Transition<Driver> {
    let listen = move |signal: &Signal| {
        let (signal, source) = (*signal, source(*signal));
        name_process(Symbol::new("signal"), spawn!(transition_no_state!(listener(signal, source))))
    };
    let anybody = topic!(Signalled(_));
    transition!(Demand::new(listen), Driver::look(Role::observer_of_subscribers(anybody), wanted))
}

/// The signals that the peer asks for: one, or all of them.
fn wanted(event: &Event<'_>) -> Vec<Signal> {
    let one = event.conversation().field(0).and_then(|place| place.decode::<Signal>());
    one.map_or([Signal::Interrupt, Signal::Terminate, Signal::Hangup].to_vec(), |one| vec![one])
}

fn listener(signal: Signal, source: Source) -> ActionTree<()> {
    at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(
            Ground(_, Listening) => publisher!(Signalled(signal)),
            Ground::<Value>(_, _) => send_message!(Signalled(signal)),
        ),
        match_reason!(why: Reason => on_absence!(quit().because(why))),
    ))
}

#[cfg(test)]
mod tests;
