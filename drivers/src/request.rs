//! Request and reply: a question, a time limit, and an answer or the reason for which there is
//! none.
//!
//! ```
//! use std::time::Duration;
//!
//! use marketplace::prelude::*;
//! use marketplace_drivers::request;
//! use marketplace_drivers::timer;
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Square { id: Fresh, of: u64 }
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Squared { id: Fresh, is: u64 }
//!
//! /// Answers: a subscriber as any other. What it says carries the name of the request.
//! fn server() -> Transition<()> {
//!     transition_no_state!(subscriber!(
//!         Square { .. },
//!         on_message!(Square { id, of } => send_message!(Squared { id, is: of * of })),
//!     ))
//! }
//!
//! /// Asks, and ends with what it was told.
//! fn client() -> Transition<()> {
//!     transition_no_state!(request::call(
//!         Duration::from_secs(5),
//!         |id| Square { id, of: 12 },
//!         |id| topic!(Squared { id, is: _ }),
//!         |(), answer: Result<Squared, _>| {
//!             assert_eq!(answer?.is, 144);
//!             Ok::<_, Failure>(transition_no_state!(at_meta_level!(quit())))
//!         },
//!     ))
//! }
//!
//! let boot = |_| transition_no_state!(timer::driver(), spawn!(client()), spawn!(server()));
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! assert!(runtime.block_on(marketplace::ground::run(boot, std::future::pending())).is_ok());
//! ```
//!
//! # What happens
//!
//! | | then |
//! |---|---|
//! | nobody subscribes to the request | it waits for a subscriber: start-up order does not matter |
//! | there is a subscriber | the request is sent, once |
//! | a message comes that the topic of answers matches, and that is an answer by its type | the call is over, with this answer |
//! | the caller ends | the call is gone; nobody hears an answer |
//! | a server answers and leaves | the answer counts |
//! | more servers come | they are not asked |
//! | an answer comes when the call is over | nobody hears it |
//!
//! | failure | the call ends with |
//! |---|---|
//! | there was no server in time | [`CallFailure::NobodyThere`] |
//! | there was a server, and it did not answer in time | [`CallFailure::TimedOut`] |
//! | after the request was sent the last server has gone, and no answer is under way | [`CallFailure::Gone`], with the reason of that server |
//! | a process refuses the answer: `refuse(topic!(Squared { id, is: _ }), why)` | [`CallFailure::Refused`] |
//!
//! A server is a subscriber of the request. A process that only looks on, as an observer or a
//! [spy](crate::spy), is not asked. A server that leaves the answering to other processes stays
//! until they have answered.
//!
//! # As a promise
//!
//! Where there is a `cx`, [`promise()`] gives a promise of the answer: in a method, in `ask`, at a
//! host. It breaks with the [`CallFailure`] as its reason. Then a small process asks, in the VM of
//! whoever wants the promise, until it has an answer or the time is over. [`call`] makes none: the
//! request is the caller's own presence, and so it is gone when the caller is.
//!
//! # Inside
//!
//! The request and its answer share a name that nobody else has, so calls do not get in each
//! other's way. Each call is three endpoints of the calling process, which leave when it is over.
//! The time limit needs the [timer driver](crate::timer), in a nested VM its relay.

mod promised;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn};

use crate::lock::lock;
pub use crate::request::promised::promise;
use crate::timer::{TimerExpired, When};

/// Why a call has no answer.
///
/// ```
/// use marketplace_drivers::request::CallFailure;
/// assert_eq!(CallFailure::TimedOut.to_string(), "no answer in time");
/// ```
#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[non_exhaustive]
pub enum CallFailure {
    /// There was no server, all the time.
    #[error("nobody was there to answer")]
    NobodyThere,
    /// A server was asked, and did not answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The last server that was asked left before there was an answer, for this reason.
    #[error("who was asked has gone ({0})")]
    Gone(Reason),
    /// The answer was refused, with this value.
    #[error("the answer was refused: {0}")]
    Refused(Value),
}

/// Sends a request, and goes on with the answer, or with the reason for which there is none.
///
/// `request` makes the message, and `answers` the topic of its answers, both from a name that is
/// this call's alone. `then` is called once, with the state of the process, and gives a transition
/// or a `Result` of one. [The module](self) has an example.
///
/// To be called in a turn: of a process, or in its boot.
#[must_use = "an action does nothing unless it is returned"]
pub fn call<S, Q, A, T>(
    within: Duration,
    request: impl FnOnce(Fresh) -> Q,
    answers: impl FnOnce(Fresh) -> Topic,
    then: impl FnOnce(S, Result<A, CallFailure>) -> T + Send + 'static,
) -> ActionTree<S>
where
    S: Send + 'static,
    Q: Message,
    A: Message + 'static,
    T: IntoTransition<State = S>,
{
    let id = Fresh::new();
    let ends = ["answer", "patience", "request"].map(|end| (id, Symbol::new(end)).to_value());
    let request = request(id).to_value();
    let call = Call {
        ends: ends.clone(),
        progress: Arc::new(Mutex::new(Progress {
            asked: false,
            servers: 0,
            then: Some(Box::new(|state, answer| then(state, answer).into_transition())),
        })),
    };
    let patience = topic!(TimerExpired { label: id.to_value(), when: When::after(within), now: _ });
    let endpoint = |role, on: On<S, A>| {
        let call = call.clone();
        AddEndpoint::new(role, move |event: &Event<'_>, turn: &mut Turn<'_, S>| on(&call, event, turn))
    };
    let [answer, expiry, question] = ends;
    // The endpoint for the answer comes before the one that asks.
    actions![
        name_endpoint(answer, endpoint(Role::subscriber(answers(id)), Call::on_answer)),
        name_endpoint(expiry, endpoint(Role::subscriber(patience), Call::on_patience)),
        name_endpoint(question, {
            let call = call.clone();
            AddEndpoint::new(
                Role::publisher(request.clone()),
                move |event: &Event<'_>, turn: &mut Turn<'_, S>| call.on_server(&request, event, turn),
            )
        }),
    ]
}

type On<S, A> = fn(&Call<S, A>, &Event<'_>, &mut Turn<'_, S>) -> Outcome<S>;

/// The state that the three endpoints of a call share.
struct Call<S, A> {
    ends: [Value; 3],
    progress: Arc<Mutex<Progress<S, A>>>,
}

struct Progress<S, A> {
    asked: bool,
    /// How many servers there are.
    servers: usize,
    /// The continuation, while the call is not over.
    then: Option<Then<S, A>>,
}

type Then<S, A> = Box<dyn FnOnce(S, Result<A, CallFailure>) -> Result<Transition<S>, Failure> + Send>;

impl<S, A> Clone for Call<S, A> {
    fn clone(&self) -> Self {
        Self { ends: self.ends.clone(), progress: self.progress.clone() }
    }
}

impl<S: Send + 'static, A: Message + 'static> Call<S, A> {
    fn on_answer(&self, event: &Event<'_>, turn: &mut Turn<'_, S>) -> Outcome<S> {
        match (event.decode(), event.reason()) {
            (Some(answer), _) => self.end(Ok(answer), turn),
            (None, Some(Reason::Refused(why))) if event.is_refusal() => {
                self.end(Err(CallFailure::Refused(why.clone())), turn)
            }
            _ => turn.act(()),
        }
    }

    fn on_patience(&self, event: &Event<'_>, turn: &mut Turn<'_, S>) -> Outcome<S> {
        if event.body().is_none() {
            return turn.act(());
        }
        let asked = self.with(|progress| progress.asked);
        self.end(Err(if asked { CallFailure::TimedOut } else { CallFailure::NobodyThere }), turn)
    }

    /// A server comes or goes.
    fn on_server(&self, request: &Value, event: &Event<'_>, turn: &mut Turn<'_, S>) -> Outcome<S> {
        if event.is_presence() {
            let ask = self.with(|progress| {
                progress.servers += 1;
                !std::mem::replace(&mut progress.asked, true)
            });
            return turn.act(ask.then(|| send_message(request)));
        }
        let left = self.with(|progress| {
            progress.servers = progress.servers.saturating_sub(usize::from(event.is_absence()));
            progress.servers
        });
        match event.reason() {
            Some(reason) if left == 0 => {
                let (call, gone) = (self.clone(), CallFailure::Gone(reason.clone()));
                // An answer that it sent before it went may be under way.
                turn.act(yield_now(move |state| match call.over() {
                    Some(then) => then(state, Err(gone)),
                    None => Ok(transition!(state)),
                }))
            }
            _ => turn.act(()),
        }
    }

    /// Ends the call, if it was not over before.
    fn end(&self, answer: Result<A, CallFailure>, turn: &mut Turn<'_, S>) -> Outcome<S> {
        match self.over() {
            Some(then) => turn.transition(|state| then(state, answer)),
            None => turn.act(()),
        }
    }

    /// Takes the continuation, if the call was not over before. Now it is.
    fn over(&self) -> Option<Then<S, A>> {
        let then = self.with(|progress| progress.then.take())?;
        let ends = self.ends.clone();
        Some(Box::new(|state, answer| {
            then(state, answer).map(|transition| transition.and(ends.map(delete_endpoint)))
        }))
    }

    fn with<R>(&self, look: impl FnOnce(&mut Progress<S, A>) -> R) -> R {
        look(&mut lock(&self.progress))
    }
}
