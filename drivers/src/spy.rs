//! A spy shows every message of its VM, and which endpoints are there.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::spy;
//!
//! fn boot(verbose: bool) -> Transition<()> {
//!     transition_no_state!(verbose.then(spy::spy), publisher!("hello"), send_message!("hello"))
//! }
//! # assert_eq!(boot(true).actions.len(), 3);
//! ```
//!
//! It prints, on the standard error stream:
//!
//! ```text
//! + publisher "hello"
//! > "hello"
//! - publisher "hello" (normal)
//! ```
//!
//! | to | say |
//! |---|---|
//! | see messages and endpoints, one line each | [`spy()`], in the VM that is of interest: nested ones too, with a spy of their own |
//! | see less | [`Spy::of`] a topic |
//! | see bytes as a hex dump too | [`Spy::hex`] |
//! | do something else with what it sees | [`Spy::to`] |
//!
//! | line | means |
//! |---|---|
//! | `+ publisher T`, `+ subscriber T as observer` .. | an endpoint has come, or was there when the spy came |
//! | `- publisher T (reason)` .. | it has gone |
//! | `> message` | a message was sent |
//! | `< feedback` | feedback was sent |
//!
//! No other process notices a spy: its endpoints are everything-endpoints, which only others of
//! that kind see (and it does not show those). So it demands nothing: no driver opens anything for
//! it, and counts of peers are the same with and without it.
//!
//! A spy that prints does not hold up its VM, and never fails:
//!
//! | | then |
//! |---|---|
//! | a line is long | it is cut, after 500 bytes. A character that would begin a new line is escaped |
//! | there are more bytes than a dump shows | it says how many |
//! | the reader of the lines is slow | a thread of the spy waits for it, and the VM does not. At most 4096 lines wait; others are left out, and the spy prints how many |
//! | the reader has gone | nothing is printed, and all else goes on |
//! | the spy ends | it waits for the lines that are left, for a second at most |
//!
//! A spy gives its observations to [`Spy::to`] in its own turn.

mod observation;
mod printer;
#[cfg(test)]
mod tests;

use marketplace::ground::stdio;
use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::action::stands_for_its_spawn;

pub use crate::spy::observation::Observation;
use crate::spy::printer::Printer;

/// A spy that prints: an action. [The module](self) says what it shows.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::spy;
///
/// let boot: Transition<()> = transition_no_state!(spy::spy());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub const fn spy() -> Spy {
    Spy { topic: Topic::any(), hex: false }
}

/// A spy, before it starts: an action that can still be changed.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::spy;
/// use marketplace_drivers::tcp::TcpChannel;
///
/// let boot: Transition<()> = transition_no_state!(spy::spy().of(topic!(TcpChannel(_, _, _))).hex());
/// ```
#[derive(Clone, Debug)]
#[must_use = "an action does nothing unless it is returned"]
pub struct Spy {
    topic: Topic,
    hex: bool,
}

impl Spy {
    /// Looks only at roles and messages that meet this topic.
    pub fn of(mut self, topic: impl Into<Topic>) -> Self {
        self.topic = topic.into();
        self
    }

    /// Shows the bytes in a message as a hex dump, too: the first 512 of them.
    pub const fn hex(mut self) -> Self {
        self.hex = true;
        self
    }

    /// Gives its observations to this closure, and prints nothing.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace_drivers::spy::{self, Observation};
    ///
    /// let counting = spy::spy().to(|seen| {
    ///     if let Observation::Message(message) = seen {
    ///         println!("somebody says {message}");
    ///     }
    /// });
    /// let boot: Transition<()> = transition_no_state!(counting);
    /// ```
    pub fn to<S>(self, hand_on: impl Fn(Observation) + Send + 'static) -> Spawn<S> {
        let topic = self.topic;
        name_process(Symbol::new("spy"), spawn!(transition!(Hand(Box::new(hand_on)), eyes(&topic))))
    }

    /// The action as a [`Spawn`], where a caller needs that type.
    pub fn spawn<S>(self) -> Spawn<S> {
        let (hex, printer) = (self.hex, Printer::on(stdio::stderr()));
        self.to(move |seen| printer.print(if hex { format!("{seen:#}") } else { seen.to_string() }))
    }
}

/// The closure that gets the observations.
struct Hand(Box<dyn Fn(Observation) + Send>);

fn eyes(topic: &Topic) -> ActionTree<Hand> {
    let eye = |orientation| Role::new(orientation, topic.clone(), InterestType::Everything);
    // The first endpoint hears messages, and sees publishers; the second hears feedback, and sees
    // subscribers.
    actions![
        AddEndpoint::new(eye(Orientation::Subscriber), look),
        AddEndpoint::new(eye(Orientation::Publisher), look),
    ]
}

fn look(event: &Event<'_>, turn: &mut Turn<'_, Hand>) -> Outcome<Hand> {
    if let Some(seen) = Observation::of(event) {
        (turn.state().0)(seen);
    }
    turn.act(())
}

stands_for_its_spawn!(Spy);
