//! A message for an object.

use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::conversation::promise::answer::{AnswerTo, Failing};
use crate::conversation::promise::line::Behind;
use crate::conversation::promise::owed::Owed;
use crate::conversation::promise::when::Waiter;
use crate::data::numbers::ActionId;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::spare::{More, Spare};
use crate::data::symbol::Symbol;
use crate::data::value::{TooDeep, Value};

/// A message on its way to an object: its verb and its arguments, in one allocation with all that
/// is to be known of it.
pub(crate) struct Sending {
    /// Empty after it has been heard.
    to: Option<Reference>,
    pub(crate) owed: Owed,
    /// How many bytes its parts take.
    pub(crate) bytes: u32,
    /// Whether something is in its parts that has to be dropped.
    owns: bool,
    /// Set while it waits.
    pub(crate) waits: Option<Waits>,
    /// The messages that wait behind it.
    pub(super) behind: Behind,
    parts: Parts,
}

// One of the sizes of which allocators have room, less their own word.
const _: () = assert!(size_of::<Sending>() <= 152);

/// The parts of a message. A verb and two arguments need no allocation of their own.
pub(crate) struct Parts {
    few: [Value; FEW],
    /// How many of these there are.
    len: u8,
    /// All of them, if they are more.
    #[allow(clippy::box_collection, reason = "each message is smaller so, and few have that many")]
    more: Option<Box<Vec<Value>>>,
}

const FEW: usize = 3;

/// Things that become the parts of a message.
pub(crate) trait IntoParts: AsRef<[Value]> {
    /// Puts them into a place that is empty.
    fn put_into(self, parts: &mut Parts);
}

impl<const N: usize> IntoParts for [Value; N] {
    #[inline]
    fn put_into(mut self, parts: &mut Parts) {
        match parts.few.get_mut(..N) {
            Some(few) => {
                few.swap_with_slice(&mut self);
                // The places were empty: nothing has to be dropped now.
                mem::forget(self);
                parts.len = N as u8;
            }
            None => parts.more = Some(Box::new(self.into())),
        }
    }
}

impl IntoParts for Vec<Value> {
    fn put_into(self, parts: &mut Parts) {
        if self.len() > FEW {
            parts.more = Some(Box::new(self));
        } else {
            parts.len = self.len() as u8;
            parts.few.iter_mut().zip(self).for_each(|(place, part)| place.fill(part));
        }
    }
}

impl Parts {
    const NONE: Self = Self { few: [const { Value::UNIT }; FEW], len: 0, more: None };

    #[inline]
    fn as_slice(&self) -> &[Value] {
        match &self.more {
            None => &self.few[..usize::from(self.len)],
            Some(more) => more,
        }
    }

    /// Empties it. `owns`: whether something is in it that has to be dropped.
    #[inline]
    fn clear(&mut self, owns: bool) {
        if owns {
            self.few[..usize::from(self.len)].fill_with(|| Value::UNIT);
        }
        self.len = 0;
    }
}

/// How many messages are kept that do not lie at hand: as many as may well be on their way at once.
/// They take about as much memory as the records that are kept.
const MORE: usize = 4_000;

thread_local! {
    /// Messages that have been heard.
    static SPARE: Spare<Box<Sending>> = const { Spare::new() };
    /// The messages that are not at hand.
    // When 1,000 ask at once, an answer takes 410 instructions less.
    static SPARES: RefCell<More<Box<Sending>, MORE>> = const { RefCell::new(More::new()) };
}

/// A message to be written, when none is at hand.
#[inline(never)]
fn another() -> Box<Sending> {
    let bring =
        |at_hand: &_| SPARES.try_with(|spares| spares.try_borrow_mut().ok()?.bring(at_hand)).ok().flatten();
    SPARE.try_with(bring).ok().flatten().unwrap_or_else(|| Box::new(Sending::HEARD))
}

/// Keeps a message that has been heard, when there is no room at hand.
#[inline(never)]
fn keep(at_hand: &Spare<Box<Sending>>, heard: Box<Sending>) {
    let _ = SPARES.try_with(move |spares| {
        if let Ok(mut spares) = spares.try_borrow_mut() {
            spares.keep(at_hand, heard);
        }
    });
}

/// A message that waits. Its bytes count in the VM that sent it: when it does not wait any more,
/// wherever that is noticed, they are counted as freed.
pub(crate) struct Waits {
    pub(crate) freed: Arc<AtomicU64>,
    /// The action that sent it.
    pub(crate) sent: ActionId,
    /// The promise at which it waits, if that is to be reused before the message is delivered.
    pub(super) at: ReferenceId,
}

impl Waits {
    pub(crate) const fn new(freed: Arc<AtomicU64>, sent: ActionId) -> Self {
        Self { freed, sent, at: ReferenceId::NONE }
    }
}

impl Sending {
    /// It does not wait any more. Gives the action that sent it, if it waited.
    #[inline]
    pub(crate) fn go_on(&mut self) -> Option<ActionId> {
        let Waits { freed, sent, .. } = self.waits.take()?;
        freed.fetch_add(self.bytes.into(), Ordering::Relaxed);
        Some(sent)
    }
}

impl Drop for Sending {
    #[inline]
    fn drop(&mut self) {
        self.go_on();
    }
}

impl Sending {
    const HEARD: Self = Self {
        to: None,
        owed: Owed::NOTHING,
        bytes: 0,
        owns: false,
        waits: None,
        behind: None,
        parts: Parts::NONE,
    };

    /// A message, if it does not nest too deep. Its answer goes to nobody.
    // How many bytes its parts take is counted in line, where their kinds are known: a message
    // takes 30 instructions less.
    #[inline(always)]
    pub(crate) fn new(to: Reference, parts: impl IntoParts) -> Result<Box<Self>, TooDeep> {
        let (owns, bytes) = Value::extent_of_parts(parts.as_ref())?;
        Ok(Self::of(to, parts, owns, bytes))
    }

    #[inline(never)]
    fn of(to: Reference, parts: impl IntoParts, owns: bool, bytes: u32) -> Box<Self> {
        let spare = SPARE.try_with(Spare::take).ok().flatten();
        let mut sending = spare.unwrap_or_else(another);
        // Nothing is in it that would have to be dropped.
        mem::forget(sending.to.replace(to));
        (sending.owns, sending.bytes) = (owns, bytes);
        parts.put_into(&mut sending.parts);
        sending
    }

    /// Lets this process wait for the answer, if the promise of that is the one which the process
    /// had, and nobody else has it. Says whether it does.
    #[inline]
    pub(crate) fn let_wait(&mut self, promise: &Reference, waiter: impl FnOnce() -> Waiter) -> bool {
        self.owed.let_wait(promise, waiter)
    }

    /// It has been heard: its box is used again, with the one of its answer if nobody wanted that.
    #[inline]
    pub(crate) fn retire(mut self: Box<Self>) {
        if self.waits.is_some() || self.parts.more.is_some() {
            return;
        }
        self.to = None;
        self.parts.clear(self.owns);
        self.owed.forget();
        // A thread that is ending sends nothing any more.
        let _ = SPARE.try_with(|spare| spare.try_put(self).unwrap_or_else(|heard| keep(spare, heard)));
    }

    /// The object, or the promise, to which it goes.
    #[inline]
    pub(crate) fn to(&self) -> &Reference {
        match &self.to {
            Some(to) => to,
            None => unreachable!("what has been heard goes nowhere"),
        }
    }

    /// The promise at which it has waited, to be looked at.
    pub(crate) fn waited_at(&self) -> Reference {
        let at = self.waits.as_ref().map_or(ReferenceId::NONE, |waits| waits.at);
        Reference::shown_as(at, self.to().tower())
    }

    /// It has waited alone, and is to be delivered to this object.
    #[inline]
    pub(super) fn is_for(&mut self, object: Reference) {
        let at = self.to().id();
        self.waits.iter_mut().for_each(|waits| waits.at = at);
        self.to = Some(object);
    }

    /// It goes on to this one.
    pub(crate) fn go_on_to(&mut self, next: Reference) {
        self.to = Some(next);
    }

    #[inline]
    pub(crate) fn parts(&self) -> &[Value] {
        self.parts.as_slice()
    }

    /// The verb: of a message without one, the empty symbol.
    pub(crate) fn verb(&self) -> Symbol {
        verb_of(self.parts())
    }

    /// Where the error goes for which it is not heard.
    #[cold]
    pub(crate) fn take_answer_unheard(&mut self) -> AnswerTo {
        self.owed.take().into_answer().of_failing(|| Failing { object: None, verb: self.verb() })
    }

    /// The message as a value.
    pub(crate) fn body(&self) -> Value {
        Value::sequence(self.parts().iter().cloned())
    }
}

/// The verb of a message: its first part, if that is a symbol.
pub(crate) fn verb_of(parts: &[Value]) -> Symbol {
    static NONE: crate::data::symbol::Label = crate::data::symbol::Label::new("");
    parts.first().and_then(Value::as_symbol).cloned().unwrap_or(Symbol::from_label(&NONE))
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "send {:?} to {:?}", self.parts(), self.to())
    }
}

#[test]
fn so_many_messages_are_kept_and_no_more() {
    let (to, _decider) = Reference::promise();
    let message = |n: usize| Sending::new(to.clone(), [Value::from(n as i128)]).unwrap();
    let at_hand = || SPARE.with(Spare::len);
    for _ in 0..2 {
        let messages: Vec<_> = (0..2 * MORE).map(message).collect();
        assert_eq!((at_hand(), SPARES.with_borrow(More::len)), (0, 0));
        messages.into_iter().for_each(Sending::retire);
        assert_eq!((at_hand(), SPARES.with_borrow(More::len)), (32, MORE));
    }
}
