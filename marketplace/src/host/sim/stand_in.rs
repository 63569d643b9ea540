//! The stand-in for an outer half, in a sim.

use std::time::Duration;

use crate::data::value::Value;

/// The stand-in in a [sim](crate::sim) for an outer half that knows the time: with it a driver
/// works in a sim as it does in a program. `OuterHalf::stand_in` gives one.
///
/// Times are those of [`Sim::now`](crate::sim::Sim::now).
///
/// ```
/// use std::task::{Context, Poll};
/// use std::time::Duration;
///
/// use marketplace::ground::OuterHalf;
/// use marketplace::prelude::*;
/// use marketplace::sim::{Sim, StandIn};
/// use marketplace::{Ground, Source};
///
/// /// Rings once, after a minute.
/// struct EggTimer;
///
/// impl OuterHalf for EggTimer {
///     fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
///         todo!("wait for a minute of tokio's")
///     }
///
///     fn stand_in(&self) -> Option<Box<dyn StandIn>> {
///         Some(Box::new(Minute(Some(Duration::from_secs(60)))))
///     }
/// }
///
/// struct Minute(Option<Duration>);
///
/// impl StandIn for Minute {
///     fn due(&self) -> Option<Duration> {
///         self.0
///     }
///
///     fn item(&mut self, _: Duration) -> Value {
///         self.0 = None;
///         Value::from("ring")
///     }
/// }
///
/// let mut sim = Sim::new(|_| {
///     let source = Source::outer(EggTimer);
///     transition_no_state!(at_meta_level!(subscriber!(
///         Ground::<Text>(source, _),
///         on_message!(Ground::<Text>(_, said) => send_message!(said)),
///     )))
/// });
/// sim.advance(Duration::from_secs(59));
/// assert!(sim.messages().is_empty());
/// sim.advance(Duration::from_secs(1));
/// assert_eq!(sim.messages_of::<Text>(), ["ring"]);
/// ```
pub trait StandIn: Send {
    /// The source was turned on. Unless the stand-in says otherwise, it does nothing.
    fn started(&mut self, now: Duration) {
        let _ = now;
    }

    /// When it has its next item. A time that is past means that it has one now; `None`, that it
    /// has none until it is given something.
    fn due(&self) -> Option<Duration>;

    /// The item that is due. It is asked only when the source is, which may be later.
    fn item(&mut self, now: Duration) -> Value;

    /// Takes feedback for the source. Unless the stand-in says otherwise, feedback is ignored.
    fn give(&mut self, feedback: &Value, now: Duration) {
        let _ = (feedback, now);
    }
}
