//! The types that methods and continuations take and return, and those that one can wait for.

use std::marker::PhantomData;

use crate::conversation::promise::PromiseState;
use crate::conversation::promise::broken::Broken;
use crate::data::message::Message;
use crate::data::reason::{Failure, Reason};
use crate::data::reference::Reference;
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;
use crate::data::value::Value;
use crate::process::objects::Object;
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::object::Heard;
use crate::process::objects::resolver::Promised;
use crate::process::transition::Transition;

/// The result of a method: a message, a [`Promise`], or a `Result` of one of them with any error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answer",
    label = "a method returns a message, nothing, a `Promise`, or a `Result` of one of these",
    note = "a type becomes a message by `#[derive(Message)]`; an error type by `#[derive(thiserror::Error)]`"
)]
pub trait Answers {
    /// The type that a promise of it gives.
    type Gives: Message;
    #[doc(hidden)]
    fn answer(self) -> Heard;
}

#[diagnostic::do_not_recommend]
impl<T: Message> Answers for T {
    type Gives = T::Gives;
    fn answer(self) -> Heard {
        Ok(self.into_value())
    }
}

impl<T: Answers, E: Into<Failure>> Answers for Result<T, E> {
    type Gives = T::Gives;
    fn answer(self) -> Heard {
        self.map_err(Into::into)?.answer()
    }
}

/// The value that a method has returned, where its object heard a message. Its type is known there,
/// so rustc takes the first of these that fits: the method below, [`AnyAnswer`], [`NoAnswer`].
pub struct Returned<T>(pub T);

impl<T: Answers, E: Into<Reason>> Returned<Result<T, E>> {
    /// The answer. The error says what reason it is, as one with `#[message(error)]` does:
    /// [`Answers`] would see no more of it than that it is an error.
    #[inline]
    pub fn answer(self) -> Heard {
        self.0.map_err(|error| Failure(error.into()))?.answer()
    }
}

/// A value that is an answer, whatever else.
pub trait AnyAnswer {
    /// The answer.
    fn answer(self) -> Heard;
}

impl<T: Answers> AnyAnswer for Returned<T> {
    #[inline]
    fn answer(self) -> Heard {
        self.0.answer()
    }
}

/// If it is no answer, the stub of the method is an error already, so here it is none. As it takes
/// a reference, it comes behind those that take a value.
pub trait NoAnswer: Sized {
    /// Is never called.
    fn answer(self) -> Heard {
        unreachable!("what is no answer does not compile")
    }
}

impl<T> NoAnswer for &Returned<T> {}

/// The result of a continuation: as that of a method, but an error is a [`Failure`], so that `?`
/// needs no annotation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answer of a continuation",
    label = "a continuation returns a message, nothing, a `Promise`, or a `Result` of one of these with a `Failure`",
    note = "a `Result` with another error is passed on by `Ok(result?)`",
    note = "a type becomes a message by `#[derive(Message)]`"
)]
pub trait Continues {
    /// The type that a promise of it gives.
    type Gives: Message;
    #[doc(hidden)]
    fn go_on(self) -> Heard;
}

#[diagnostic::do_not_recommend]
impl<T: Message> Continues for T {
    type Gives = T::Gives;
    fn go_on(self) -> Heard {
        Ok(self.into_value())
    }
}

impl<T: Message> Continues for Result<T, Failure> {
    type Gives = T::Gives;
    fn go_on(self) -> Heard {
        self.map(Message::into_value)
    }
}

/// The type of an argument, in the stub of a method.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no argument of a method",
    label = "this type is not a message, so it cannot be sent to an object",
    note = "an object is passed by reference: let the method take a `Far<{Self}>`",
    note = "a type of yours becomes a message by `#[derive(Message)]`"
)]
pub trait Argument {
    /// The argument as it is sent.
    fn send(self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: Message> Argument for T {
    #[inline]
    fn send(self) -> Value {
        self.into_value()
    }
}

/// Reads an argument, where its object heard a message. As with [`Returned`], rustc takes the first
/// that fits of the method below and [`NoArgument`].
pub struct Reads<T>(pub PhantomData<T>);

impl<T: Message> Reads<T> {
    /// The argument that this value is; `None` when it does not fit.
    #[inline]
    pub fn read(self, value: &Value) -> Option<T> {
        T::from_value(value)
    }
}

/// If the type is not a message, the stub of the method is an error already, so here it is none.
pub trait NoArgument<T>: Sized {
    /// Is never called.
    fn read(self, _: &Value) -> Option<T> {
        unreachable!("what is no argument does not compile")
    }
}

impl<T> NoArgument<T> for &Reads<T> {}

/// An argument of a stub whose type is written `Text`, `Symbol`, `Value`, `Reference`, `Far<..>`
/// or `Promise<..>`: whatever can be turned into that.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{T}`",
    label = "this argument is a `{T}`, or can be turned into one",
    note = "`cast(&far)` says that an object has the methods of a trait, or of another type: `Far<Robot>` is no `Far<dyn Bidder>` by itself",
    note = "a promise of an object is none yet: `cx.when(promise, |this, cx, object| ..)` has it; or let the method take a `Promise<Far<..>>`"
)]
pub trait TurnsInto<T> {
    /// The argument as the method takes it.
    fn turn_into(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, U: Into<T>> TurnsInto<T> for U {
    #[inline]
    fn turn_into(self) -> T {
        self.into()
    }
}

/// The result of a continuation of a process that is no object: a transition, or a `Result` of one
/// with a [`Failure`], so that `?` needs no annotation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transition",
    label = "a continuation gives a `Transition`, or a `Result` of one with a `Failure`",
    note = "`transition!(state, actions..)` and `transition_no_state!(actions..)` make transitions; `?` takes any error"
)]
pub trait GoesOn {
    /// The state's type.
    type State;
    #[doc(hidden)]
    fn transition(self) -> Result<Transition<Self::State>, Failure>;
}

impl<S> GoesOn for Transition<S> {
    type State = S;
    fn transition(self) -> Result<Self, Failure> {
        Ok(self)
    }
}

impl<S> GoesOn for Result<Transition<S>, Failure> {
    type State = S;
    fn transition(self) -> Self {
        self
    }
}

/// Something that one can wait for: a promise, or a far reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that one can wait for",
    label = "expected a `Promise<T>`, a `&Promise<T>` or a `&Far<T>`"
)]
pub trait Awaited {
    /// The type that it gives.
    type Gives: Message;
    #[doc(hidden)]
    fn awaited(self) -> Value;
}

impl<T: Promised> Awaited for Promise<T> {
    type Gives = T;
    fn awaited(self) -> Value {
        self.into_value()
    }
}

impl<T: Promised> Awaited for &Promise<T> {
    type Gives = T;
    fn awaited(self) -> Value {
        self.to_value()
    }
}

impl<T: ?Sized + 'static> Awaited for &Far<T> {
    type Gives = Far<T>;
    fn awaited(self) -> Value {
        self.to_value()
    }
}

/// The value that was heard, as the type that was expected.
#[inline]
pub(crate) fn read_answer<T: Message>(heard: &Result<Value, Reason>) -> Result<T, Reason> {
    match heard {
        Ok(value) => T::from_value(value).ok_or_else(|| unexpected::<T>(value)),
        Err(reason) => Err(reason.clone()),
    }
}

#[cold]
fn unexpected<T>(value: &Value) -> Reason {
    Broken::BadAnswer { expected: name_of::<T>(), found: shown(value) }.into()
}

/// Which of these is the verb of a message; behind them, if it is none of them. `None`: the message
/// has no verb.
#[inline]
pub fn verb_among<const N: usize>(message: &[Value], verbs: &[&'static Label; N]) -> Option<usize> {
    let verb = message.first()?.as_symbol()?;
    let at = verbs.iter().position(|label| verb.is(label));
    Some(at.unwrap_or_else(|| equal_among(verb, verbs)))
}

/// Another crate, or another language, has a label of its own.
#[cold]
fn equal_among(verb: &Symbol, verbs: &[&'static Label]) -> usize {
    verbs.iter().position(|label| *verb == Symbol::from_label(label)).unwrap_or(verbs.len())
}

/// The argument at this place, counted from 0, of a message to an object.
#[inline]
pub fn argument<T>(
    verb: &str,
    arguments: &[Value],
    at: usize,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<T, Failure> {
    let argument = &arguments[at];
    read(argument).ok_or_else(|| bad_argument::<T>(verb, argument, at))
}

#[cold]
fn bad_argument<T>(verb: &str, argument: &Value, at: usize) -> Failure {
    let (verb, found) = (Symbol::new(verb), shown(argument));
    Failure(Broken::BadArgument { verb, place: at as u32 + 1, expected: name_of::<T>(), found }.into())
}

/// Checks how many arguments there are.
#[inline]
pub fn arity(verb: &str, arguments: &[Value], count: usize) -> Result<(), Failure> {
    if arguments.len() == count { Ok(()) } else { Err(bad_arity(verb, arguments.len(), count)) }
}

#[cold]
fn bad_arity(verb: &str, given: usize, count: usize) -> Failure {
    let said = |count| match count {
        0 => Text::from("no argument"),
        1 => Text::from("1 argument"),
        more => Text::from(format!("{more} arguments")),
    };
    let verb = Symbol::new(verb);
    Failure(Broken::BadArgument { verb, place: 0, expected: said(count), found: said(given) }.into())
}

/// The object has no such method.
#[cold]
pub fn no_method<O: Object>(message: &[Value]) -> Heard {
    let verb = crate::conversation::promise::sending::verb_of(message);
    let has = O::VERBS.iter().map(|verb| Symbol::new(verb)).collect();
    Err(Failure(Broken::NoMethod { verb, has }.into()))
}

/// A value in a reason: its beginning, if it is long.
pub(crate) fn shown(value: &Value) -> Text {
    const LONGEST: usize = 200;
    if let Some(promise) = value.as_reference().and_then(Reference::shown_as_promise) {
        return promise;
    }
    let text = value.seen().to_string();
    if text.chars().count() <= LONGEST {
        return text.into();
    }
    format!("{}..", text.chars().take(LONGEST).collect::<String>()).into()
}

/// The last part of the path of a type.
fn name_of<T>() -> Text {
    let name = std::any::type_name::<T>();
    let (path, arguments) = match name.find('<') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let last = path.rsplit("::").next().unwrap_or(path);
    format!("{last}{arguments}").into()
}

impl Reference {
    /// A promise in a reason: its number would say nothing. `None`: it is that of an object.
    fn shown_as_promise(&self) -> Option<Text> {
        let mut at = self.clone();
        while !at.is_object() {
            let next = match &*at.state()? {
                PromiseState::Open(_) | PromiseState::Draining(_) => {
                    return Some("a promise that is not settled".into());
                }
                PromiseState::Settled(value) => match value.as_reference() {
                    Some(next) => next.clone(),
                    None => return Some("a promise of data".into()),
                },
                PromiseState::Broken { .. } => return Some("a promise that is broken".into()),
                PromiseState::There(_) | PromiseState::Ending(..) | PromiseState::Waived => return None,
            };
            at = next;
        }
        None
    }
}
