//! A time limit for an answer.

use std::time::Duration;

use marketplace::objects::{Asks, Broken, Promise, Resolver, promise, spawn_with, when};
use marketplace::prelude::*;

use crate::timer::actions::after;

/// A promise of what this one gives, if that comes in time; or else it breaks, with
/// [`Broken::TimedOut`]. The message is not taken back: the object may hear it yet, and its
/// answer is nothing then.
///
/// It is asked for where there is a `cx`: in a method, in `ask(|cx| ..)`, or by a host. A small
/// process waits for both, and ends with the first of them. It needs the [driver](super::driver) in
/// its VM, in a nested VM the [relay](super::relay).
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::timer;
///
/// const MINUTE: Duration = Duration::from_secs(60);
///
/// /// Never decides.
/// #[derive(Default)]
/// struct Oracle(Vec<Resolver<Text>>);
///
/// #[object]
/// impl Oracle {
///     fn asked(&mut self, _question: Text) -> Promise<Text> {
///         let (answer, resolver) = promise::<Text>();
///         self.0.push(resolver);
///         answer
///     }
/// }
///
/// struct King { oracle: Far<Oracle> }
///
/// #[object]
/// impl King {
///     /// In a method.
///     fn asks(&mut self, cx: &Cx<Self>) -> Promise<Text> {
///         let answer = timer::within(cx, self.oracle.asked(cx, "war?"), MINUTE);
///         cx.when(answer, |_, _, answer| Ok(answer.unwrap_or_else(|_| "then peace".into())))
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(timer::driver()));
/// let oracle = sim.spawn_object(Oracle::default());
/// let king = sim.spawn_object(King { oracle: oracle.clone() });
/// let says = sim.ask(|cx| king.asks(cx));
/// // In a process that is no object.
/// sim.spawn(spawn!(transition_no_state!(ask(
///     |cx| timer::within(cx, oracle.asked(cx, "gold?"), MINUTE),
///     |(), answer: Result<Text, Reason>| {
///         let Err(reason) = answer else { panic!("it never decides") };
///         assert_eq!(Broken::of(&reason), Some(&Broken::TimedOut));
///         transition_no_state!(send_message!("no answer"))
///     },
/// ))));
/// sim.advance(MINUTE);
/// assert_eq!(says.answer(), Some(Ok("then peace".into())));
/// assert_eq!(sim.messages_of::<Text>(), ["no answer"]);
/// ```
pub fn within<T: Message>(cx: &impl Asks, answer: Promise<T>, limit: Duration) -> Promise<T> {
    let (in_time, resolver) = promise::<T>();
    spawn_with(cx, spawn!(time_limit(answer, resolver, limit)));
    in_time
}

/// Waits for an answer and for the end of the time, whatever is first.
fn time_limit<T: Message>(answer: Promise<T>, resolver: Resolver<T>, limit: Duration) -> Transition<()> {
    let late = resolver.clone();
    let settles = answer.clone();
    transition_no_state!(
        after(limit, move || actions![late.break_because(Broken::TimedOut), quit()]),
        when(answer, move |(), _| transition_no_state!(resolver.follow(settles), quit())),
    )
}
