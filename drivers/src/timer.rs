//! Timers: a process is told when some time has passed, when the clock shows some time, or again
//! and again.
//!
//! A timer is one action, with what is to be done when the time has come:
//!
//! ```
//! use std::time::Duration;
//!
//! use marketplace::prelude::*;
//! use marketplace_drivers::timer;
//!
//! const MS: Duration = Duration::from_millis(1);
//!
//! /// Counts, and ends after 50 ms.
//! fn counter() -> Transition<u32> {
//!     transition!(
//!         0,
//!         timer::every(10 * MS, |count: &mut u32| *count += 1),
//!         timer::after(50 * MS, |count: &u32| {
//!             assert!(*count >= 1);
//!             quit()
//!         }),
//!     )
//! }
//!
//! // When nobody waits any more, the program ends.
//! let boot = |_boot_pid| transition_no_state!(timer::driver(), spawn!(counter()));
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! assert!(runtime.block_on(marketplace::ground::run(boot, std::future::pending())).is_ok());
//! ```
//!
//! | to | do |
//! |---|---|
//! | do something once | [`after`], [`at`] |
//! | do something again and again | [`every`] |
//! | wait for the answer of an object so long and no longer | [`within`] |
//! | cancel it | name it, and delete the name: `name_endpoint("patience", timer::after(..))`, `delete_endpoint("patience")`. Or end: the timers of a process go with it |
//! | set it anew | set another under the same name |
//! | use the state, or the present time, or `?` | give such a [`Handler`] |
//! | do it in a nested VM | [`relay`] in there, or `at_meta_level!(timer::after(..))` |
//! | test it | [`driver`] in a [sim](marketplace::sim), as in a program: [`Sim::advance`] moves timers |
//!
//! Nobody shares such a timer: the same one in two processes, or twice in one, is two.
//!
//! [`Sim::advance`]: marketplace::sim::Sim::advance
//!
//! # The protocol
//!
//! Those actions are endpoints. A timer is a subscription to [`TimerExpired`] with a label and a
//! [`When`], and can be written as one:
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::timer::{TimerExpired, When};
//!
//! fn sleeper() -> Transition<()> {
//!     let me = Fresh::new().to_value();
//!     transition_no_state!(once(subscriber!(
//!         TimerExpired { label: me, when: When::After(20), now: _ },
//!         on_message!(TimerExpired { now, .. } => send_message!(now)),
//!     )))
//! }
//! # let _ = sleeper();
//! ```
//!
//! | to | be or do | what happens |
//! |---|---|---|
//! | set a timer | a participant that subscribes to `TimerExpired { label, when, now: _ }` | the driver sends that message when the time has come: once, or with `When::Every` again and again |
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
//! | the clock in a sim | [`Sim::now`](marketplace::sim::Sim::now) | nothing else passes there |
//! | a timer | never early. It is late by a millisecond or so, and by the time that processes take meanwhile | |
//! | the order | by deadline; equal deadlines in the order in which they were set. Late timers, too | |
//! | one that comes again | due a whole number of periods after it was set. Ticks that were missed are one, which comes late | it does not drift; who was late is not buried in ticks |
//! | a timer that is set before there is a driver | set when the driver starts, and counts from then | start-up order does not matter |
//! | a deadline in the past, or `After(0)` | expired at once, but not in the turn that sets it | |
//! | a deadline in more than 584 years | never expired | |
//!
//! Subscribers to the same label with the same `when` share one timer, and one that counts from
//! when it was set starts again whenever one more shares it: so it is not early for anybody. A
//! [`Fresh`](marketplace::Fresh) label is shared with nobody. It also tells a new timer from an old
//! one that has just expired and whose message is under way, so a timeout that is set again and
//! again takes a new label each time.
//!
//! | failure | how it is told |
//! |---|---|
//! | a period of 0 | refusal, with that text |
//! | the driver ends, for want of a host with a clock, say | absence of the publisher, with the reason. Timers stay set for the next driver |
//!
//! The runtime must have time enabled, as the runtime of [`ground_vm!`](marketplace::ground_vm)
//! has.
//!
//! # Inside
//!
//! The driver keeps its timers in order and asks tokio for one sleep, until the first of them.
//! While no timer waits it asks for nothing, so that it keeps no program from ending. Expired
//! timers go out by the thousand, with turns for all other processes in between.

mod actions;
mod clock;
mod driver;
mod halves;
mod handler;
mod limit;
mod messages;
mod relay;
mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use marketplace::Spawn;

pub use crate::timer::actions::{after, at, every};
use crate::timer::clock::Monotonic;
pub use crate::timer::handler::{Handler, HandlerOnce};
pub use crate::timer::limit::within;
pub use crate::timer::messages::{TimerExpired, When};

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: halves::TIMERS, action: "timer::driver()", relay: Some("timer::relay()") };

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
