//! Where messages to objects are sent from.

use std::cell::RefCell;
use std::sync::Arc;

use crate::conversation::promise::gathering::Gathering;
use crate::conversation::promise::sending::{IntoParts, Sending};
use crate::data::few::Few;
use crate::data::message::Message;
use crate::data::reference::Reference;
use crate::data::symbol::{Label, Symbol};
use crate::data::value::{TooDeep, Value, View};
use crate::process::action::act::{Act, Action, Ask};
use crate::process::action::{Held, Spawn, SpawnSpec};
use crate::process::objects::answers::Answers;
use crate::process::objects::far::{Addressee, Promise};
use crate::process::transition::ActionTree;

/// Where messages to objects are sent from: `cx`, by convention. A method has a
/// [`Cx`](crate::objects::Cx); [`ask`](crate::objects::ask) and [`tell`](crate::objects::tell) lend
/// one to any other process.
#[diagnostic::on_unimplemented(
    message = "a message to an object is sent with a `cx`, which `{Self}` is not",
    label = "expected `cx`",
    note = "a method of an object takes `cx: &Cx<Self>` behind `self`; elsewhere `ask(|cx| ..)` and `tell(|cx| ..)` lend one"
)]
pub trait Asks: sealed::Sealed {
    #[doc(hidden)]
    fn request(&self, request: Request);
}

mod sealed {
    pub trait Sealed {}
    impl<O: ?Sized> Sealed for crate::process::objects::Cx<'_, O> {}
    impl Sealed for super::Asker {}
    impl<A: Sealed> Sealed for &A {}
}

impl<A: Asks> Asks for &A {
    fn request(&self, request: Request) {
        (**self).request(request);
    }
}

/// Something that is asked for with a `cx`.
#[doc(hidden)]
pub struct Request(Requested);

enum Requested {
    Send(Box<Sending>),
    Gather(Box<Gather>),
    Spawn(Box<SpawnSpec>),
}

/// Promises to wait for as one.
pub(crate) struct Gather {
    pub(crate) promises: Vec<Value>,
    pub(crate) gathering: Arc<Gathering>,
}

impl Request {
    /// The message, if it is to send one; or else an action.
    #[inline]
    pub(crate) fn into_sending<H: Held>(self) -> Result<Box<Sending>, Act<H>> {
        match self.0 {
            Requested::Send(sending) => Ok(sending),
            other => Err(Self(other).into()),
        }
    }
}

impl<H: Held> From<Request> for Act<H> {
    #[inline]
    fn from(Request(requested): Request) -> Self {
        match requested {
            Requested::Send(sending) => Self::Send(sending),
            Requested::Gather(gather) => Self::Gather(gather),
            Requested::Spawn(spec) => Self::Spawn(spec, None),
        }
    }
}

/// The `cx` of a process that is no object.
pub struct Asker(RefCell<Few<Request>>);

impl Asker {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(Few::None))
    }

    /// The requests.
    pub(crate) fn into_requests(self) -> Vec<Request> {
        self.0.into_inner().into_vec()
    }

    /// The requests, as actions.
    pub(crate) fn into_actions<S>(self) -> ActionTree<S> {
        let mut actions = ActionTree::new();
        self.0.into_inner().each(|request| actions.0.push(Action(Ask::Act(Act::from(request)))));
        actions
    }
}

impl Asks for Asker {
    fn request(&self, request: Request) {
        self.0.borrow_mut().push(request);
    }
}

/// The result of the closure of `tell`: nothing, or a promise, which is dropped, so that no answer
/// is asked for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is more than one promise, or none",
    label = "expected nothing, or one `Promise`",
    note = "several messages are statements: `tell(|cx| for bell in &bells {{ bell.ring(cx); }})`"
)]
pub trait Told {}

impl Told for () {}
impl<T> Told for Promise<T> {}

/// Sends a message to an object: a verb and arguments, which stand in a tuple. Gives a promise of
/// the answer.
///
/// The methods of a [`Far`](crate::objects::Far) do this with types.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Adder;
///
/// #[object]
/// impl Adder {
///     fn add(&self, a: u64, b: u64) -> u64 {
///         a + b
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let adder = sim.spawn_object(Adder);
/// let sum = sim.ask(|cx| send(cx, &adder, "add", (3u64, 4u64)));
/// sim.run();
/// assert_eq!(sum.answer(), Some(Ok(7u64.to_value())));
/// ```
///
/// # Panics
/// If an argument nests deeper than [`MAX_DEPTH`](crate::MAX_DEPTH) less one.
pub fn send(
    cx: &impl Asks,
    to: &(impl Addressee + ?Sized),
    verb: impl Into<Symbol>,
    arguments: impl Message,
) -> Promise<Value> {
    let arguments = arguments.into_value();
    let rest = match arguments.view() {
        View::Unit => &[],
        View::Sequence(items) => items,
        _ => std::slice::from_ref(&arguments),
    };
    let verb = Value::from(verb.into());
    let parts: Vec<_> = std::iter::once(verb).chain(rest.iter().cloned()).collect();
    post(cx, to.to_reference(), parts)
}

/// Sends a message that is written by a stub: the first part makes room for the verb.
#[inline]
pub fn call<R: Answers, const N: usize>(
    cx: &impl Asks,
    to: &Reference,
    verb: &'static Label,
    mut parts: [Value; N],
) -> Promise<R::Gives> {
    parts[0].fill(Symbol::from_label(verb).into());
    post(cx, to.clone(), parts)
}

/// Sends a message without a verb that is written by a stub.
pub fn call_bare<R: Answers, const N: usize>(
    cx: &impl Asks,
    to: &Reference,
    parts: [Value; N],
) -> Promise<R::Gives> {
    post(cx, to.clone(), parts)
}

#[inline(always)]
fn post<T>(cx: &impl Asks, to: Reference, parts: impl IntoParts) -> Promise<T> {
    try_post(cx, to, parts).unwrap_or_else(|error| panic!("{error}"))
}

#[inline(always)]
fn try_post<T>(cx: &impl Asks, to: Reference, parts: impl IntoParts) -> Result<Promise<T>, TooDeep> {
    let mut sending = Sending::new(to, parts)?;
    let promise = sending.owed.promise();
    cx.request(Request(Requested::Send(sending)));
    Ok(Promise::of(promise))
}

/// Sends a message as it is: its parts, of which the first is the verb if it is a symbol. Gives a
/// promise of the answer. So a message goes on that somebody has heard: a proxy sends what it was
/// sent.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let (object, here) = reference::<()>();
/// let mut sim = Sim::new(|_| transition_no_state!(object_of!(
///     here,
///     match_duct!(duct => on_message!((n,): (u64,) => give(&duct, &(n + 1)))),
/// )));
/// let next = sim.ask(|cx| send_parts(cx, &object, vec![7u64.into()]).unwrap());
/// sim.run();
/// assert_eq!(next.answer(), Some(Ok(8u64.into())));
/// ```
///
/// # Errors
/// If a part nests deeper than [`MAX_DEPTH`](crate::MAX_DEPTH) less one.
pub fn send_parts(cx: &impl Asks, to: &impl Addressee, parts: Vec<Value>) -> Result<Promise<Value>, TooDeep> {
    try_post(cx, to.to_reference(), parts)
}

/// A promise of all that these give, in this order. It breaks with the first reason, by place, for
/// which one of them is broken.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let ((a, for_a), (b, for_b)) = (promise::<u32>(), promise::<u32>());
/// let both = sim.ask(|cx| all(cx, [a, b]));
/// sim.spawn(spawn!(transition_no_state!(for_b.fulfill(2u32), for_a.fulfill(1u32))));
/// sim.run();
/// assert_eq!(both.answer(), Some(Ok(vec![1, 2])));
/// ```
#[must_use]
pub fn all<T: Message>(cx: &impl Asks, promises: impl IntoIterator<Item = Promise<T>>) -> Promise<Vec<T>> {
    let promises: Vec<_> = promises.into_iter().map(Message::into_value).collect();
    let (promise, decider) = Reference::promise();
    let gathering = Arc::new(Gathering::all(promises.len(), decider));
    cx.request(Request(Requested::Gather(Box::new(Gather { promises, gathering }))));
    Promise::of(promise)
}

/// A promise of what the first of these gives that is settled; it breaks, if that one is broken. Of
/// none, it breaks.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let ((a, _for_a), (b, for_b)) = (promise::<u32>(), promise::<u32>());
/// let first = sim.ask(|cx| race(cx, [a, b]));
/// sim.spawn(spawn!(transition_no_state!(for_b.fulfill(2u32))));
/// sim.run();
/// assert_eq!(first.answer(), Some(Ok(2)));
/// ```
#[must_use]
pub fn race<T: Message>(cx: &impl Asks, promises: impl IntoIterator<Item = Promise<T>>) -> Promise<T> {
    let promises: Vec<_> = promises.into_iter().map(Message::into_value).collect();
    let (promise, decider) = Reference::promise();
    let gathering = Arc::new(Gathering::first(promises.len(), decider));
    cx.request(Request(Requested::Gather(Box::new(Gather { promises, gathering }))));
    Promise::of(promise)
}

/// Makes a process, in the VM of whoever asks. So a function that has a `cx` gives a promise of
/// what such a process finds out: a time limit, say, or the answer of somebody who is asked by
/// topic.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Said(Text);
///
/// /// A promise of the next word that anybody says.
/// fn next_word(cx: &impl Asks) -> Promise<Text> {
///     let (word, resolver) = promise::<Text>();
///     spawn_with(cx, spawn!(transition_no_state!(subscriber!(
///         Said(_),
///         on_message!(Said(word) => actions![resolver.fulfill(word), quit()]),
///     ))));
///     word
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let word = sim.ask(next_word);
/// sim.run();
/// sim.send(&Said("hello".into()));
/// sim.run();
/// assert_eq!(word.answer(), Some(Ok("hello".into())));
/// ```
pub fn spawn_with(cx: &impl Asks, spawn: Spawn<()>) {
    cx.request(Request(Requested::Spawn(spawn.spec)));
}
