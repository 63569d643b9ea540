//! A promise of the answer to a request.

use std::time::Duration;

use marketplace::objects::{self, Asks, Promise, spawn_with};
use marketplace::prelude::*;

use crate::request::{CallFailure, call};

/// Sends a request, and gives a promise of the answer. If there is none, the promise breaks, and
/// its reason is the [`CallFailure`].
///
/// `request` and `answers` are those of [`call`]; they are called when the process is there that
/// asks. It stays until it has an answer or the time is over, though nobody may wait any more.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
/// use marketplace_drivers::request::{self, CallFailure};
/// use marketplace_drivers::timer;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Square { id: Fresh, of: u64 }
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Squared { id: Fresh, is: u64 }
///
/// fn server() -> Transition<()> {
///     transition_no_state!(subscriber!(
///         Square { .. },
///         on_message!(Square { id, of } => send_message!(Squared { id, is: of * of })),
///     ))
/// }
///
/// fn square(cx: &impl Asks, of: u64) -> Promise<Squared> {
///     let limit = Duration::from_secs(5);
///     request::promise(cx, limit, move |id| Square { id, of }, |id| topic!(Squared { id, is: _ }))
/// }
///
/// /// An object that asks by topic, and answers by promise.
/// struct Geometer;
///
/// #[object]
/// impl Geometer {
///     fn area(&self, cx: &Cx<Self>, side: u64) -> Promise<u64> {
///         let squared = square(cx, side);
///         cx.when(squared, |_, _, squared: Result<Squared, Reason>| Ok(squared?.is))
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!(timer::driver(), spawn!(server())));
/// let geometer = sim.spawn_object(Geometer);
/// let area = sim.ask(|cx| geometer.area(cx, 12));
/// sim.run();
/// assert_eq!(area.answer(), Some(Ok(144)));
///
/// let mut sim = Sim::new(|_| transition_no_state!(timer::driver()));
/// let squared = sim.ask(|cx| square(cx, 12));
/// sim.advance(Duration::from_secs(5));
/// let why = squared.answer().unwrap().unwrap_err();
/// assert_eq!(why.decode(), Some(CallFailure::NobodyThere));
/// ```
pub fn promise<Q: Message, A: Message>(
    cx: &impl Asks,
    within: Duration,
    request: impl FnOnce(Fresh) -> Q + Send + 'static,
    answers: impl FnOnce(Fresh) -> Topic + Send + 'static,
) -> Promise<A> {
    let (promise, resolver) = objects::promise::<A>();
    let settle = move |(), answer: Result<A, CallFailure>| {
        transition_no_state!(match answer {
            Ok(answer) => resolver.fulfill(answer),
            Err(failure) => resolver.break_because(failure),
        })
    };
    spawn_with(cx, spawn!(asks(call(within, request, answers, settle))));
    promise
}

fn asks(call: ActionTree<()>) -> Transition<()> {
    transition_no_state!(call)
}
