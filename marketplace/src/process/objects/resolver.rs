//! Promises that a program settles itself.

use std::fmt;
use std::marker::PhantomData;

use crate::conversation::duct::Duct;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::owed::Answering;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::{Value, View};
use crate::process::action::act::{Act, PreAction};
use crate::process::objects::answers::Awaited;
use crate::process::objects::far::Promise;

/// Settles a promise: [`promise`] makes it with the promise.
///
/// It is a message, so another process can settle the promise. The first action that is performed
/// counts; what comes later is nothing. When nobody has the resolver any more, the promise breaks,
/// with [`Broken::Abandoned`](crate::objects::Broken::Abandoned).
pub struct Resolver<T>(Reference, PhantomData<fn(T)>);

/// A promise, and what settles it. Name the type: `promise::<u32>()`. If rustc is to infer it from
/// a later line, a method that is called before that (`later.clone()`) makes it a promise of a
/// reference, since the methods of a promise are those of what it refers to.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| {
///     let (later, resolver) = promise::<u32>();
///     transition_no_state!(
///         when(later, |(), n| Ok(transition_no_state!(send_message!(n?)))),
///         resolver.fulfill(7u32),
///     )
/// });
/// sim.run();
/// assert_eq!(sim.messages_of::<u32>(), [7]);
/// ```
#[must_use]
pub fn promise<T: Promised>() -> (Promise<T>, Resolver<T>) {
    let (promise, decider) = Reference::promise();
    (Promise::of(promise), Resolver(Reference::resolver(decider), PhantomData))
}

/// A message, as the type of what is promised.
#[diagnostic::on_unimplemented(
    message = "a promise gives a message, and `{Self}` is none",
    label = "the type of what is promised stands where the promise is made: `promise::<u64>()`",
    note = "if it is `!`, nothing in this function says the type",
    note = "a type of yours becomes a message by `#[derive(Message)]`"
)]
pub trait Promised: Message {}

#[diagnostic::do_not_recommend]
impl<T: Message> Promised for T {}

/// Something that settles a promise of a `T`: a `T`, or what becomes one by [`Into`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not settle a promise of `{T}`",
    label = "expected `{T}`, or what becomes one by `Into`",
    note = "the type of what is promised stands where the promise is made: `promise::<u64>()`"
)]
pub trait Settles<T> {
    #[doc(hidden)]
    fn settled(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> Settles<T> for V {
    fn settled(self) -> T {
        self.into()
    }
}

/// A promise that somebody decides elsewhere, such as a connection or a membrane; and what settles
/// it. Until it is settled or [closed](Resolver::close), the object `here` hears what is sent to
/// it, in order, one turn each. If `here` is a promise, messages go on to that.
///
/// So it is a reference that can be taken back: whoever has the promise can speak to `here` until
/// the resolver [breaks](Resolver::break_because) it.
///
/// A clause of an object that `object_of!` made learns from its duct whether an answer is wanted
/// ([`Duct::is_wanted`](crate::Duct::is_wanted)). Giving a promise on the duct lets the promise of
/// the sender follow.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Log(Vec<u32>);
///
/// #[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
/// #[message(error)]
/// #[error("the visit is over")]
/// struct TooLate;
///
/// #[object]
/// impl Log {
///     fn note(&mut self, n: u32) -> u32 {
///         self.0.push(n);
///         self.0.len() as u32
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let log = sim.spawn_object(Log(Vec::new()));
/// let (promise, resolver) = forwarded::<Far<Log>>(&log);
/// let asked = sim.ask(|cx| promise.note(cx, 7));
/// sim.run();
/// assert_eq!(asked.answer(), Some(Ok(1)), "it has been heard, though the promise is open");
///
/// sim.spawn(spawn!(transition_no_state!(resolver.break_because(TooLate))));
/// sim.run();
/// let asked = sim.ask(|cx| promise.note(cx, 8));
/// sim.run();
/// assert_eq!(asked.answer().unwrap().unwrap_err().decode(), Some(TooLate));
/// ```
#[must_use]
pub fn forwarded<T: Message>(here: &(impl AsRef<Reference> + ?Sized)) -> (Promise<T>, Resolver<T>) {
    let (promise, decider) = Reference::forwarded(here.as_ref().clone());
    (Promise::of(promise), Resolver(Reference::resolver(decider), PhantomData))
}

impl Duct {
    /// The promise that an answer on this duct settles, and what settles it in place of the duct:
    /// for a process that names promises, or gives them on. `None` if nobody wants an answer, or a
    /// process waits for it instead of a promise.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// fn doubler() -> (Spawn<()>, Far<()>) {
    ///     let (far, here) = reference();
    ///     let answers = object_of!(here, match_duct!(duct => on_message!(message: Vec<u32> => {
    ///         duct.resolver().map(|(_, resolver)| resolver.fulfill(2 * message[0]))
    ///     })));
    ///     (spawn!(transition_no_state!(answers)), far)
    /// }
    ///
    /// let (spawn, doubler) = doubler();
    /// let mut sim = Sim::new(|_| transition_no_state!(spawn));
    /// let asked = sim.ask(|cx| send_parts(cx, &doubler, vec![21u32.into()]).unwrap());
    /// sim.run();
    /// assert_eq!(asked.answer(), Some(Ok(42u32.into())));
    /// ```
    #[must_use]
    pub fn resolver(&self) -> Option<(Promise<Value>, Resolver<Value>)> {
        let (promise, resolver) = self.promised()?;
        Some((Promise::of(promise), Resolver(resolver, PhantomData)))
    }
}

/// Answers on a duct with what a promise gives, when it is settled. If the promise breaks, whoever
/// waits hears the absence of the duct, with the reason; if a promise waits at the end of the duct,
/// that follows this one.
///
/// So a clause of [`object_of!`](crate::object_of) answers as a method does that returns a promise:
/// also to a process that has [passed](crate::pass()) the message, to which
/// [`give`](crate::give()) would hand the promise itself.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let (promise, resolver) = promise::<u64>();
/// let (oracle, here) = reference::<()>();
/// let mut sim = Sim::new(move |_| transition_no_state!(
///     object_of!(here, match_duct!(duct => on_message!(_ => give_when(&duct, &promise)))),
///     spawn!(transition_no_state!(
///         pass(&oracle, "asked", &7u64),
///         replies!(on_reply!("asked", n: u64 => send_message!(n))),
///     )),
/// ));
/// sim.run();
/// assert_eq!(sim.messages_of::<u64>(), [0u64; 0]);
/// sim.spawn(spawn!(transition_no_state!(resolver.fulfill(7u64))));
/// sim.run();
/// assert_eq!(sim.messages_of::<u64>(), [7]);
/// ```
pub fn give_when<S>(duct: &Duct, promise: impl Awaited) -> PreAction<S> {
    let answer = match duct.promised() {
        Some((_, resolver)) => AnswerTo::Resolver(resolver),
        None if duct.is_wanted() => AnswerTo::Duct(duct.clone()),
        // A reason that nobody takes is told as one (O17).
        None => AnswerTo::Nobody,
    };
    PreAction(Act::Answer(Answering::boxed(answer, Ok(promise.awaited()))))
}

impl<T: Promised> Resolver<T> {
    /// Messages to a [forwarded] promise wait from now on, until it is settled.
    pub fn close<S>(&self) -> PreAction<S> {
        PreAction(Act::Close(Box::new(AnswerTo::Resolver(self.0.clone()))))
    }

    /// Settles the promise with this.
    pub fn fulfill<S>(&self, value: impl Settles<T>) -> PreAction<S> {
        self.settle(Ok(value.settled().into_value()))
    }

    /// Lets the promise follow this one: it is settled as this one is.
    pub fn follow<S>(&self, promise: impl Into<Promise<T>>) -> PreAction<S> {
        self.settle(Ok(promise.into().into_value()))
    }

    /// Breaks the promise for this reason: a [`Reason`], a text, or an error of a type with
    /// `#[message(error)]`, which is data for whoever hears it. Any other error is a reason by
    /// [`Reason::error`].
    pub fn break_because<S>(&self, reason: impl Into<Reason>) -> PreAction<S> {
        self.settle(Err(reason.into()))
    }

    fn settle<S>(&self, result: Result<Value, Reason>) -> PreAction<S> {
        let answer = AnswerTo::Resolver(self.0.clone());
        PreAction(Act::Answer(Answering::boxed(answer, result)))
    }
}

impl<T> Clone for Resolver<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> fmt::Debug for Resolver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("resolver")
    }
}

impl<T: Message> Message for Resolver<T> {
    type Gives = Self;

    fn to_value(&self) -> Value {
        self.0.clone().into()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Reference(reference) if reference.is_resolver() => {
                Some(Self(reference.clone(), PhantomData))
            }
            _ => None,
        }
    }
}
