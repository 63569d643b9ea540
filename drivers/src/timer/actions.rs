//! Timers as actions, with a handler each.

use std::cell::Cell;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::timer::handler::{Handler, HandlerOnce};
use crate::timer::messages::{TimerExpired, When};

/// Does something once, when so much time has passed.
///
/// The [handler](Handler) is a closure that takes nothing (`|| ..`), or the state of the process.
/// It is called once, so it may move what it has captured.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::timer;
///
/// /// Ends when it has heard nothing for a minute.
/// fn session() -> Transition<()> {
///     fn patience() -> AddEndpoint<()> {
///         name_endpoint("patience", timer::after(Duration::from_secs(60), quit))
///     }
///     // Under the same name, a new timer takes the place of the old one.
///     transition_no_state!(patience(), subscriber!("hello", on_message!(_ => patience())))
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(timer::driver(), spawn!(session())));
/// sim.advance(Duration::from_secs(59));
/// sim.send(&Text::from("hello"));
/// sim.advance(Duration::from_secs(59));
/// assert!(sim.exits().is_empty());
/// sim.advance(Duration::from_secs(1));
/// assert_eq!(sim.exits().len(), 1);
/// ```
pub fn after<S, By, H>(duration: Duration, handler: H) -> AddEndpoint<S>
where
    H: HandlerOnce<S, By, Kept: Send + 'static>,
{
    one_time(When::after(duration), handler)
}

/// Does something once, when the clock of the driver shows so much, or at once if that is past.
///
/// The clock counts from when the driver started, and in a sim it is [`Sim::now`]. A
/// [handler](Handler) that takes a `Duration` after the state is told what it shows.
///
/// [`Sim::now`]: marketplace::sim::Sim::now
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::timer;
///
/// const SECOND: Duration = Duration::from_secs(1);
///
/// /// Asks what time it is, and sets two timers for the same time.
/// fn twins() -> Transition<()> {
///     transition_no_state!(timer::at(Duration::ZERO, |(): &(), now: Duration| actions![
///         timer::at(now + SECOND, || send_message!("one")),
///         timer::at(now + SECOND, || send_message!("two")),
///     ]))
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(timer::driver(), spawn!(twins())));
/// sim.advance(SECOND);
/// assert_eq!(sim.messages_of::<Text>(), ["one", "two"]);
/// ```
pub fn at<S, By, H>(time: Duration, handler: H) -> AddEndpoint<S>
where
    H: HandlerOnce<S, By, Kept: Send + 'static>,
{
    one_time(When::at(time), handler)
}

/// Does something again and again, first when one period has passed, until its endpoint is deleted
/// or the process ends.
///
/// It does not drift: the n-th tick is due n periods after the timer was set, however late those
/// before were. If the VM is so busy that several ticks fall due before one is told, they are one:
/// it comes late, and the next is due at the next multiple of the period.
///
/// The [handler](Handler) is called for each tick, so it clones what it would move.
///
/// A period of zero is refused: the process fails, with that reason.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::timer;
///
/// /// Counts down, and stops its timer at zero.
/// fn countdown(from: u32) -> Transition<u32> {
///     transition!(from, name_endpoint("tick", timer::every(Duration::from_secs(1), |left: &mut u32| {
///         *left -= 1;
///         actions![send_message!(*left), (*left == 0).then(|| delete_endpoint("tick"))]
///     })))
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(timer::driver(), spawn!(countdown(3))));
/// sim.advance(Duration::from_secs(10));
/// assert_eq!(sim.messages_of::<u32>(), [2, 1, 0]);
/// ```
pub fn every<S, By, H>(period: Duration, handler: H) -> AddEndpoint<S>
where
    H: Handler<S, By, Kept: Send + 'static>,
{
    let handler = handler.kept();
    endpoint(When::every(period), move |now, turn| H::handle(&handler, now, turn))
}

fn one_time<S, By, H>(when: When, handler: H) -> AddEndpoint<S>
where
    H: HandlerOnce<S, By, Kept: Send + 'static>,
{
    let handler = Cell::new(Some(handler.kept()));
    once(endpoint(when, move |now, turn| match handler.take() {
        Some(handler) => H::handle(handler, now, turn),
        // It has been called: somebody plays the driver.
        None => turn.skip(),
    }))
}

/// A timer that is shared with nobody.
fn endpoint<S>(
    when: When,
    expired: impl Fn(Duration, &mut Turn<'_, S>) -> Outcome<S> + Send + 'static,
) -> AddEndpoint<S> {
    let label = Fresh::new().to_value();
    let role = Role::subscriber(topic!(TimerExpired { label, when, now: _ }));
    AddEndpoint::new(role, move |event: &Event<'_>, turn: &mut Turn<'_, S>| {
        match event.decode::<TimerExpired>() {
            Some(TimerExpired { now, .. }) => expired(Duration::from_millis(now), turn),
            None => turn.skip(),
        }
    })
    .heeding(false, false, false)
}
