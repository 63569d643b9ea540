//! A message for an object.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::conversation::promise::answer::AnswerTo;
use crate::data::numbers::ActionId;
use crate::data::reference::Reference;
use crate::data::symbol::Symbol;
use crate::data::value::{TooDeep, Value};

/// A message on its way to an object: its verb and its arguments, in one allocation with all that
/// is to be known of it.
pub(crate) struct Sending<P: ?Sized = dyn Parts> {
    pub(crate) to: Reference,
    pub(crate) answer: AnswerTo,
    /// How many bytes its parts take.
    pub(crate) bytes: u32,
    /// Set while it waits.
    pub(crate) waits: Option<Waits>,
    parts: P,
}

/// A message that waits. Its bytes count in the VM that sent it: when it does not wait any more,
/// wherever that is noticed, they are counted as freed.
pub(crate) struct Waits {
    pub(crate) freed: Arc<AtomicU64>,
    /// The action that sent it.
    pub(crate) sent: ActionId,
}

impl<P: ?Sized> Sending<P> {
    /// It does not wait any more. Gives the action that sent it, if it waited.
    #[inline]
    pub(crate) fn go_on(&mut self) -> Option<ActionId> {
        let Waits { freed, sent } = self.waits.take()?;
        freed.fetch_add(self.bytes.into(), Ordering::Relaxed);
        Some(sent)
    }
}

impl<P: ?Sized> Drop for Sending<P> {
    #[inline]
    fn drop(&mut self) {
        self.go_on();
    }
}

/// The parts of a message.
pub(crate) trait Parts: Send {
    fn parts(&self) -> &[Value];
}

impl<const N: usize> Parts for [Value; N] {
    #[inline]
    fn parts(&self) -> &[Value] {
        self
    }
}

impl Parts for Vec<Value> {
    fn parts(&self) -> &[Value] {
        self
    }
}

impl Sending {
    /// A message, if it does not nest too deep.
    #[inline]
    pub(crate) fn new(
        to: Reference,
        answer: AnswerTo,
        parts: impl Parts + 'static,
    ) -> Result<Box<Self>, TooDeep> {
        let bytes = Value::bytes_of_parts(parts.parts())?;
        Ok(Box::new(Sending { to, answer, bytes, waits: None, parts }))
    }

    #[inline]
    pub(crate) fn parts(&self) -> &[Value] {
        self.parts.parts()
    }

    /// The verb: of a message without one, the empty symbol.
    pub(crate) fn verb(&self) -> Symbol {
        verb_of(self.parts())
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
        write!(f, "send {:?} to {:?}", self.parts(), self.to)
    }
}
