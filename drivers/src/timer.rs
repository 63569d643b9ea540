//! Timers: a process is told when some time has passed, or when the clock shows some time.
//!
//! A timer is a subscription. A process that wants one subscribes to [`TimerExpired`] with a label
//! and a [`When`]; a process that does not want it any more deletes the endpoint. So there is
//! nothing to clean up: the timers of a process that ends go with it.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::timer::{self, TimerExpired, When};
//!
//! let boot = |_boot_pid| transition_no_state!(timer::driver(), spawn!(sleeper()));
//!
//! /// Ends after 20 ms.
//! fn sleeper() -> Transition<()> {
//!     let me = Fresh::new().to_value();
//!     transition_no_state!(subscriber!(
//!         TimerExpired { label: me, when: When::After(20), now: _ },
//!         on_message!(TimerExpired { now, .. } => {
//!             assert!(now >= 20);
//!             quit()
//!         }),
//!     ))
//! }
//!
//! // When nobody waits any more, the program ends.
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! assert!(runtime.block_on(marketplace::ground::run(boot, std::future::pending())).is_ok());
//! ```
//!
//! # The protocol
//!
//! | to | be or do | what happens |
//! |---|---|---|
//! | set a timer | a participant that subscribes to `TimerExpired { label, when, now: _ }` | the driver sends that message, once, when the time has come |
//! | set it for one time only | such a participant in `once(..)` | the endpoint goes when it hears the message |
//! | cancel it | delete the endpoint, or end | it is gone with its last subscriber |
//! | move it | replace the endpoint under its name by one with another label or `when` | the old one is cancelled and the new one set, at once |
//! | know the time | set `When::At(0)` | it expires at once, and says `now` |
//! | know that there is a clock | look at the presence of a publisher of the conversation | the driver is one while it lives |
//!
//! A subscriber that leaves the label or `when` open sets nothing: it hears the timers of others
//! expire.
//!
//! | | is | because |
//! |---|---|---|
//! | the clock | monotonic. It counts from when the driver started; [`When::At`] and `now` are milliseconds of it | the time of day may jump |
//! | a timer | never early. It is late by a millisecond or so, and by the time that processes take meanwhile | |
//! | the order | by deadline; equal deadlines in the order in which they were set. Late timers, too | |
//! | a timer that is set before there is a driver | set when the driver starts, and counts from then | start-up order does not matter |
//! | a deadline in the past, or `After(0)` | expired at once, but not in the turn that sets it | |
//! | a deadline in more than 584 years | never expired | |
//!
//! Subscribers to the same label with the same `when` share one timer, and a relative one starts
//! again whenever one more shares it: so it is not early for anybody. A
//! [`Fresh`](marketplace::Fresh) label is shared with nobody. It also tells a new timer from an old
//! one that has just expired and whose message is under way, so a timeout that is set again and
//! again takes a new label each time.
//!
//! | failure | how it is told |
//! |---|---|
//! | the driver ends, for want of a host with a clock, say | absence of the publisher, with the reason. Timers stay set for the next driver |
//!
//! The runtime must have time enabled, as the runtime of [`ground_vm!`](marketplace::ground_vm)
//! has. In a [`sim`](marketplace::sim) leave the driver out: the test itself sends `TimerExpired`.
//!
//! # Inside
//!
//! The driver keeps its timers in order and asks tokio for one sleep, until the first of them.
//! While no timer waits it asks for nothing, so that it keeps no program from ending. Expired
//! timers go out by the thousand, with turns for all other processes in between.

mod clock;
mod driver;
mod halves;
mod messages;
mod relay;
mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use marketplace::Spawn;

use crate::timer::clock::Monotonic;
pub use crate::timer::messages::{TimerExpired, When};

/// What answers for the messages of this module.
const DRIVER: marketplace::Driver = marketplace::Driver { kind: halves::TIMERS, action: "timer::driver()" };

/// The timer driver: an action, to be performed once in a VM (of which the meta level has ground
/// events: the ground VM, or one with an [event relay](marketplace::event_relay())). [The
/// module](self) says what it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::timer;
///
/// let boot: Transition<()> = transition_no_state!(timer::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
pub fn driver<S>() -> Spawn<S> {
    driver::spawn(|| Arc::new(Monotonic::start()))
}

/// The timer relay: an action, to be performed once in a nested VM whose processes set timers. It
/// sets them one level out.
///
/// Its publisher is present as long as one is present outside. Labels are private: two nested VMs
/// do not share timers, whatever their labels.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::timer;
///
/// let boot: Transition<()> = transition_no_state!(
///     timer::driver(),
///     spawn_vm!(timer::relay()),
/// );
/// assert_eq!(boot.actions.len(), 2);
/// ```
pub fn relay<S>() -> Spawn<S> {
    relay::spawn()
}
