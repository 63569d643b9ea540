//! Acts when the time has come.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Outcome, Turn};

/// A closure or a function that is called each time that the time has come. It is one of these,
/// where `S` is the state of the process, as in [`match_state!`](marketplace::match_state):
///
/// | | gets | gives |
/// |---|---|---|
/// | <code>&vert;&vert; ..</code> | nothing | actions |
/// | <code>&vert;state: &mut S&vert; ..</code> | the state, lent to be changed in place | actions |
/// | <code>&vert;state: &S&vert; ..</code> | the state, lent | actions |
/// | <code>&vert;state: S&vert; ..</code> | the state, moved in | a transition |
///
/// Those with a state may take `now: Duration` after it: the present time, in whole milliseconds,
/// on the clock of the [timer driver](crate::timer). Each may give a `Result` instead, so that a
/// body may use `?`: an error ends the process. `quit` is a function, and so a handler.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::timer;
///
/// #[derive(Default)]
/// struct Clock { ticks: u32 }
///
/// impl Clock {
///     fn tick(&mut self) -> PreAction<Self> {
///         self.ticks += 1;
///         send_message!(self.ticks)
///     }
/// }
///
/// let boot = || transition!(
///     Clock::default(),
///     timer::every(Duration::from_secs(1), Clock::tick),
///     timer::every(Duration::from_secs(60), |clock: &Clock, now: Duration| {
///         assert_eq!(now.as_secs(), u64::from(clock.ticks));
///     }),
///     timer::after(Duration::from_secs(3600), |clock: Clock| transition!(clock, quit())),
/// );
/// let mut sim = Sim::new(move |_| transition_no_state!(timer::driver(), spawn!(boot())));
/// sim.advance(Duration::from_secs(7200));
/// assert_eq!(sim.messages_of::<u32>().len(), 3600);
/// ```
///
/// `By` says which of them it is; the compiler finds it out.
#[diagnostic::on_unimplemented(
    message = "this is no handler of a timer",
    label = "expected `|| ..`, `|state: &mut S| ..` or `|state: S| ..`, where `S` is the state of the process",
    note = "with the state moved in (`|state: S|`) it gives `transition!(state, actions..)`; otherwise it gives actions only",
    note = "an action alone is no handler: write `|| send_message!(..)`, or `quit`; who wants to know the time takes `now: Duration` after the state"
)]
pub trait Handler<S, By> {
    /// The handler itself. (So what is no handler is not asked whether it is `Send`.)
    #[doc(hidden)]
    type Kept;
    #[doc(hidden)]
    fn kept(self) -> Self::Kept;
    #[doc(hidden)]
    fn handle(kept: &Self::Kept, now: Duration, turn: &mut Turn<'_, S>) -> Outcome<S>;
}

/// A [`Handler`] that is called once, and so may move what it has captured.
#[diagnostic::on_unimplemented(
    message = "this is no handler of a timer",
    label = "expected `|| ..`, `|state: &mut S| ..` or `|state: S| ..`, where `S` is the state of the process",
    note = "with the state moved in (`|state: S|`) it gives `transition!(state, actions..)`; otherwise it gives actions only",
    note = "an action alone is no handler: write `|| send_message!(..)`, or `quit`; who wants to know the time takes `now: Duration` after the state"
)]
pub trait HandlerOnce<S, By> {
    #[doc(hidden)]
    type Kept;
    #[doc(hidden)]
    fn kept(self) -> Self::Kept;
    #[doc(hidden)]
    fn handle(kept: Self::Kept, now: Duration, turn: &mut Turn<'_, S>) -> Outcome<S>;
}

/// Actions, or a `Result` of actions: which of the two, `As` says.
pub trait Answer<S, As> {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome<S>;
}

/// Marks actions.
pub enum Actions {}

/// Marks a `Result` of actions.
pub enum Tried {}

impl<S, A: IntoActionTree<S>> Answer<S, Actions> for A {
    fn into_outcome(self) -> Outcome<S> {
        Ok(Some(self.into_action_tree()))
    }
}

impl<S, A: IntoActionTree<S>, E: Into<Failure>> Answer<S, Tried> for Result<A, E> {
    fn into_outcome(self) -> Outcome<S> {
        self.map(|actions| Some(actions.into_action_tree())).map_err(Into::into)
    }
}

/// Handlers with these arguments, and how they answer.
macro_rules! handlers {
    ($(
        [$($generic:ident),*] ($($argument:ty),*) -> $gives:ty as $by:ty where $bound:path;
        |$kept:ident, $now:pat_param, $turn:pat_param| $answer:expr;
    )*) => {$(
        impl<S, F, $($generic),*> Handler<S, fn($($argument),*) -> $by> for F
        where
            F: Fn($($argument),*) -> $gives,
            $gives: $bound,
        {
            type Kept = F;
            fn kept(self) -> F {
                self
            }
            fn handle($kept: &F, $now: Duration, $turn: &mut Turn<'_, S>) -> Outcome<S> {
                $answer
            }
        }

        impl<S, F, $($generic),*> HandlerOnce<S, fn($($argument),*) -> $by> for F
        where
            F: FnOnce($($argument),*) -> $gives,
            $gives: $bound,
        {
            type Kept = F;
            fn kept(self) -> F {
                self
            }
            fn handle($kept: F, $now: Duration, $turn: &mut Turn<'_, S>) -> Outcome<S> {
                $answer
            }
        }
    )*};
}

handlers! {
    [A, As] () -> A as (A, As) where Answer<S, As>;
    |handler, _, _| handler().into_outcome();

    [A, As] (&S) -> A as (A, As) where Answer<S, As>;
    |handler, _, turn| handler(turn.state()).into_outcome();

    [A, As] (&S, Duration) -> A as (A, As) where Answer<S, As>;
    |handler, now, turn| handler(turn.state(), now).into_outcome();

    [A, As] (&mut S) -> A as (A, As) where Answer<S, As>;
    |handler, _, turn| handler(turn.state_mut()).into_outcome();

    [A, As] (&mut S, Duration) -> A as (A, As) where Answer<S, As>;
    |handler, now, turn| handler(turn.state_mut(), now).into_outcome();

    [T] (S) -> T as T where IntoTransition<State = S>;
    |handler, _, turn| turn.transition(handler);

    [T] (S, Duration) -> T as T where IntoTransition<State = S>;
    |handler, now, turn| turn.transition(|state| handler(state, now));
}
