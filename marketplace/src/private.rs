//! The items to which the forms of the DSL and `#[derive(Message)]` expand. They are not for
//! people: every form can be written by hand with the public functions, and this module only makes
//! that short and keeps the types of a template's places apart.
//!
//! [`Sharing`] and [`take_bytes`] are for our drivers, which name these and a few others by hand:
//! they depend on this very version.

// This file has a path of its own, so it has to say where its modules are.
#[path = "private/acts.rs"]
mod acts;
#[path = "private/events.rs"]
mod events;
#[path = "private/records.rs"]
mod records;

use std::error::Error;
use std::marker::PhantomData;

use crate::conversation::event::Event;
use crate::conversation::part::{Part, Parts};
use crate::conversation::role::Orientation;
use crate::data::reason::{Reason, SharedError};
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;
use crate::process::action::Act;
use crate::{Message, PreAction, Topic, Value};

pub use bytes::Bytes;

pub use self::acts::{
    Acts, Answer, StateOf, acts, add_callee, add_endpoint, and, and_endpoint, answer, append,
    append_endpoint, append_outward, object_of, spawned, with_endpoint,
};
pub use self::events::{duct, message, reason, reply, wire};
use self::records::in_order;
pub use self::records::{fields, record, shared_record, take_bytes};

pub use crate::data::message::{Constructor, key, label_of};
pub use crate::data::origin::Origin;
pub use crate::data::value::shared::{Identity, Sharing};
#[cfg(feature = "tokio")]
pub use crate::host::ground::{run_program as ground_vm, run_program_within as ground_vm_within};
pub use crate::process::action::Outcome;
pub use crate::process::objects::Heard;
pub use crate::process::objects::answers::{
    AnyAnswer, Argument, NoAnswer, NoArgument, Reads, Returned, TurnsInto, argument, arity, no_method,
    verb_among,
};
pub use crate::process::objects::asks::{call, call_bare};
pub use crate::process::objects::far::OneObjectBlock;
pub use marketplace_macros::{
    actions, at_meta_level, build_endpoint, callee, ground_vm, let_fresh, object_of, observe_publishers,
    observe_publishers_everything, observe_subscribers, observe_subscribers_everything, publisher, replies,
    send_feedback, send_message, sequence_actions, spawn, spawn_continue, spawn_vm, subscriber, topic,
    transition, transition_no_state, yield_now,
};

/// An error type, for `#[message(error)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error, as `#[message(error)]` says that it is",
    label = "expected a `std::error::Error`",
    note = "`#[derive(thiserror::Error)]` with `#[error(\"..\")]` makes it one; a message that is no error needs no `error` here"
)]
pub trait ErrorMessage: Message + Error {}

#[diagnostic::do_not_recommend]
impl<E: Message + Error> ErrorMessage for E {}

/// How an error type goes to reasons and back, for `#[message(error)]`.
#[derive(Debug)]
pub struct AsReason<E> {
    pub from: fn(&Reason) -> Option<E>,
    pub into: fn(E) -> Reason,
}

/// There is one bound, so that a type that is no error is told once.
#[must_use]
pub fn as_reason<E: ErrorMessage>() -> AsReason<E> {
    AsReason {
        from: |reason| match reason {
            Reason::Error(error) => error
                .downcast_ref::<E>()
                .map(E::to_value)
                .or_else(|| error.data())
                .and_then(|data| E::from_value(&data)),
            Reason::Value(value) => E::from_value(value),
            _ => None,
        },
        into: |error| {
            let data = |error: &(dyn Error + 'static)| error.downcast_ref().map(E::to_value);
            Reason::Error(SharedError::with_data(error, data))
        },
    }
}

/// Stands for the type of one place of a template or pattern. rustc infers it from a branch that
/// never runs, in which the user's constructors take [`Witness::never`] apart and every place is
/// said to be one of these.
#[derive(Debug)]
pub struct Witness<T>(PhantomData<fn() -> T>);

impl<T> Witness<T> {
    #[allow(clippy::new_without_default, reason = "only expansions make one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// Says that this place has that type.
    pub fn is(&self, _: &T) {}

    /// Says that this place has that type. Never called.
    pub fn made(&self, made: T) -> T {
        made
    }

    /// Never called.
    pub fn nothing(&self) -> T {
        unreachable!("this branch never runs")
    }

    /// Never called.
    pub fn never(&self) -> &T {
        unreachable!("this branch never runs")
    }
}

/// Where things are, found out at compile time. The bounds stand at the functions: rustc then says
/// of a type that is no message that it is none.
impl<T> Witness<T> {
    const fn constructor<const NAME: u64>() -> &'static Constructor
    where
        T: Message,
    {
        let mut at = 0;
        while at < T::CONSTRUCTORS.len() {
            match T::CONSTRUCTORS[at].name {
                Some(name) if name != NAME => at += 1,
                _ => return &T::CONSTRUCTORS[at],
            }
        }
        panic!(
            "this type has no constructor of this name: was the variant renamed by `use .. as`? (Or the type's `Message` is \
             written by hand: then give the whole value, not a template.)"
        )
    }

    const fn position<const NAME: u64, const FIELD: u64>() -> usize
    where
        T: Message,
    {
        let fields = Self::constructor::<NAME>().fields;
        let mut at = 0;
        while at < fields.len() {
            if fields[at] == FIELD {
                return at;
            }
            at += 1;
        }
        panic!("this constructor has no field of this name")
    }

    /// The place of a field.
    #[inline]
    pub fn place<const NAME: u64, const FIELD: u64>(&self) -> usize
    where
        T: Message,
    {
        const { Self::position::<NAME, FIELD>() }
    }

    /// How many places there are.
    #[inline]
    pub fn arity<const NAME: u64>(&self) -> usize
    where
        T: Message,
    {
        const { Self::constructor::<NAME>().fields.len() }
    }
}

/// A proof that a message may be a `P` where the topic is about a `T`.
pub struct Agreed<T, P>(PhantomData<fn() -> (T, P)>);

impl<T> Witness<T> {
    /// Says that `agreed` is about this place and that of a pattern.
    pub fn agrees<P>(&self, _: &Witness<P>, _agreed: Agreed<T, P>) {}
}

/// The records of these two constructors are one message.
#[track_caller]
pub const fn one_record<T: Message, P: Message, const TOPIC: u64, const PATTERN: u64>(
    why: &'static str,
) -> Agreed<T, P> {
    let (topic, pattern) = (Witness::<T>::constructor::<TOPIC>(), Witness::<P>::constructor::<PATTERN>());
    if !topic.makes_records_of(pattern) {
        panic!("{}", why);
    }
    Agreed(PhantomData)
}

/// The records of this constructor are a `P`, perhaps.
#[track_caller]
pub const fn one_of_records<T: Message, P: Message, const TOPIC: u64>(why: &'static str) -> Agreed<T, P> {
    let topic = Witness::<T>::constructor::<TOPIC>();
    let (mut at, mut found) = (0, !P::IS_LISTED);
    while at < P::CONSTRUCTORS.len() {
        found |= topic.makes_records_of(&P::CONSTRUCTORS[at]);
        at += 1;
    }
    if !found {
        panic!("{}", why);
    }
    Agreed(PhantomData)
}

/// Taking apart.
impl<T> Witness<T> {
    /// The parts of a record made by this constructor.
    #[inline]
    pub fn record<'a, const NAME: u64>(&self, part: Part<'a>) -> Option<Parts<'a>>
    where
        T: Message,
    {
        let constructor = const { Self::constructor::<NAME>() };
        part.record(
            const { &Symbol::from_label(label(Self::constructor::<NAME>())) },
            constructor.fields.len(),
        )
    }

    /// Whether an event about a peer is about a record of this constructor, as the topic of its
    /// endpoint is. Only an absence may be about another one: that of the role which the endpoint
    /// had before.
    // A notification takes 15 instructions less than by a look at the record.
    #[inline]
    pub fn is_about<const NAME: u64>(&self, event: &Event<'_>) -> bool
    where
        T: Message,
    {
        !event.is_absence() || self.record::<NAME>(event.conversation()).is_some()
    }

    /// The parts of a tuple.
    #[inline]
    pub fn tuple<'a>(&self, part: Part<'a>) -> Option<Parts<'a>>
    where
        T: Message,
    {
        part.sequence(const { Self::constructor::<0>().fields.len() })
    }

    /// The value of a place.
    #[inline]
    pub fn decode(&self, part: Part<'_>) -> Option<T>
    where
        T: Message,
    {
        part.decode()
    }

    /// Whether this part is a `T`. A part that has wildcards may be one.
    pub fn reads(&self, part: Part<'_>) -> bool
    where
        T: Message,
    {
        part.to_value().is_none_or(|value| T::from_value(&value).is_some())
    }

    /// The message that a reason is.
    pub fn decode_reason(&self, reason: &Reason) -> Option<T>
    where
        T: Message,
    {
        T::from_reason(reason)
    }
}

/// Putting together.
impl<T> Witness<T> {
    /// The part that a variable gives: it holds a `T`, a `&T`, or text.
    #[inline]
    pub fn variable<V: Fits<T>>(&self, variable: &V) -> Value {
        variable.place_value()
    }

    /// The part that an expression gives.
    #[inline]
    pub fn expression(&self, message: &T) -> Value
    where
        T: Message,
    {
        message.to_value()
    }

    /// A record whose fields stand in order; the first part makes room for the label.
    // In line, as `Value::from_array`: ping-pong takes 3 % more otherwise.
    #[inline(always)]
    pub fn record_of<const NAME: u64, const N: usize>(&self, parts: [Value; N]) -> Value
    where
        T: Message,
    {
        Value::from_array(label(const { Self::constructor::<NAME>() }), parts)
    }

    /// A record whose fields are named: its arity is `N`, and `PARTS` one more. They stand in the
    /// order of the type, or at these places.
    #[inline(always)]
    pub fn record_with<const NAME: u64, const N: usize, const PARTS: usize>(
        &self,
        is_in_order: bool,
        places: [usize; N],
        parts: [Value; PARTS],
    ) -> Value
    where
        T: Message,
    {
        match is_in_order {
            true => self.record_of::<NAME, PARTS>(parts),
            false => self.record_of::<NAME, PARTS>(in_order(&places, parts)),
        }
    }

    /// A record with wildcards wherever nothing is given.
    pub fn record_topic<const NAME: u64, const N: usize>(&self, places: [(usize, Topic); N]) -> Topic
    where
        T: Message,
    {
        let constructor = const { Self::constructor::<NAME>() };
        let label = Symbol::from_label(label(constructor));
        Topic::record_with(label, constructor.fields.len(), places)
    }

    /// A tuple with wildcards wherever nothing is given.
    pub fn tuple_topic<const N: usize>(&self, places: [(usize, Topic); N]) -> Topic
    where
        T: Message,
    {
        Topic::sequence_of(const { Self::constructor::<0>().fields.len() }, given(places))
    }
}

/// The label of a constructor that has one: any but a tuple's.
#[inline]
const fn label(constructor: &Constructor) -> &'static Label {
    match constructor.label {
        Some(label) => label,
        None => panic!("a constructor with a name has a label"),
    }
}

/// The topic of a place: the given one, or a wildcard.
#[inline]
fn given<const N: usize>(mut places: [(usize, Topic); N]) -> impl FnMut(usize) -> Topic {
    move |at| {
        let given = places.iter_mut().find(|(place, _)| *place == at);
        given.map_or_else(Topic::any, |(_, topic)| std::mem::replace(topic, Topic::any()))
    }
}

/// A type that may stand at a place of type `T`: a `T`, a `&T`, or for text a `&str`.
///
/// A `Symbol` or a `Text` does not stand at a place of type `Value`: write `x.to_value()` there. If
/// it did, `Reply(1, symbol)` of a generic `Reply<T>` would not say any more what its `T` is.
#[diagnostic::on_unimplemented(
    message = "this place holds `{T}`, not `{Self}`",
    label = "expected `{T}` or `&{T}`",
    note = "for a `Text`, `String` or `Symbol` a `&str` will do, too; for a `Value` write `x.to_value()`"
)]
pub trait Fits<T> {
    #[doc(hidden)]
    fn place_value(&self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: Message> Fits<T> for T {
    #[inline]
    fn place_value(&self) -> Value {
        self.to_value()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Message> Fits<T> for &T {
    #[inline]
    fn place_value(&self) -> Value {
        (**self).to_value()
    }
}

#[diagnostic::do_not_recommend]
impl Fits<Text> for &str {
    fn place_value(&self) -> Value {
        Text::from(*self).into()
    }
}

#[diagnostic::do_not_recommend]
impl Fits<String> for &str {
    fn place_value(&self) -> Value {
        Text::from(*self).into()
    }
}

#[diagnostic::do_not_recommend]
impl Fits<Symbol> for &str {
    fn place_value(&self) -> Value {
        Symbol::new(self).into()
    }
}

#[diagnostic::do_not_recommend]
impl Fits<Value> for &str {
    fn place_value(&self) -> Value {
        (*self).into()
    }
}

/// A type that may be a name: a message, a reference to one, or a `&str`. Each such type implements
/// it for one `M` only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "this type cannot be sent, matched or used as a name",
    note = "a type of yours becomes one by `#[derive(Message)]`; a text is a `Text` or a `String`, not a `&str`",
    note = "of a type of another crate, send what it is made of, or wrap it in `Opaque`, which does not leave the program",
    note = "a topic or a value that is there already stands behind `topic = `: `subscriber!(topic = t, ..)`"
)]
pub trait Whole<M> {
    #[doc(hidden)]
    fn whole_value(&self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<M: Message> Whole<M> for M {
    #[inline]
    fn whole_value(&self) -> Value {
        self.to_value()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Message> Whole<M> for &M {
    #[inline]
    fn whole_value(&self) -> Value {
        (**self).to_value()
    }
}

#[diagnostic::do_not_recommend]
impl Whole<Text> for &str {
    fn whole_value(&self) -> Value {
        Text::from(*self).into()
    }
}

/// The value of a variable whose place has no type but the variable's own.
#[inline]
pub fn whole<M>(variable: &impl Whole<M>) -> Value {
    variable.whole_value()
}

/// Sends a message, or feedback, that is a value already. For `_state` see [`Acts::new`].
#[inline]
pub fn send<S>(body: Value, orientation: Orientation, _state: impl FnOnce() -> S) -> PreAction<S> {
    PreAction(match orientation {
        Orientation::Publisher => Act::Message(body),
        Orientation::Subscriber => Act::Feedback(body),
    })
}

/// The sender's side of a message.
pub const MESSAGE: Orientation = Orientation::Publisher;
/// The sender's side of feedback.
pub const FEEDBACK: Orientation = Orientation::Subscriber;

/// Says that no clause applied.
#[inline]
pub fn skip<S>() -> Outcome<S> {
    Ok(None)
}

/// The text that a literal in a pattern is compared with.
#[inline]
pub fn text<T: AsRef<str> + ?Sized>(value: &T) -> &str {
    value.as_ref()
}

/// The bytes that a literal in a pattern are compared with.
#[inline]
pub fn bytes<T: AsRef<[u8]> + ?Sized>(value: &T) -> &[u8] {
    value.as_ref()
}

/// Stands for what a form would have been, after a mistake.
pub fn never<T>() -> T {
    unreachable!("this does not compile")
}
