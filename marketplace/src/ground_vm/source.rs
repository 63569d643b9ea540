//! Ground event sources, as the kernel sees them.

use std::any::Any;
use std::fmt;
use std::sync::Mutex;

use crate::conversation::topic::Topic;
use crate::data::lock::lock;
use crate::data::message::{Message, label_of};
use crate::data::opaque::Opaque;
use crate::data::slots::{AtomicSlot, Slot};
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};

use crate::ground_vm::level::sources::ActiveSource;

/// A source of ground events: something outside that a process can listen to, and perhaps write to.
///
/// It is on while a participant subscriber names it: `Ground(source, _)`. Its presence says that it
/// is on, messages are its items, feedback is given to it, and its absence says why it ended. A
/// source is used once: ended or turned off, it is spent, and a new subscription hears a refusal.
///
/// The contents of a source are the host's business: `Source::outer`, and beside it
/// `Source::stream`, `Source::future` and `Source::duplex` (feature `tokio`), make sources for the
/// tokio host, [`Sim::source`](crate::sim::Sim::source) makes scripted ones.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(Opaque);

struct Contents {
    credited: bool,
    /// Empty once the source is spent.
    engine: Mutex<Option<Box<dyn Any + Send>>>,
    /// The place at which the VM that turns it on keeps its state: only one VM ever does.
    place: AtomicSlot<ActiveSource>,
    /// The place at which the host of that VM keeps it.
    #[cfg(feature = "tokio")]
    at_host: AtomicSlot<AtHost>,
}

/// A source that a host runs.
#[cfg(feature = "tokio")]
pub(crate) enum AtHost {}

impl Source {
    /// A source of these contents, with which its host runs it.
    #[must_use]
    pub fn new(engine: impl Any + Send) -> Self {
        Self::made(Some(Box::new(engine)), false)
    }

    fn made(engine: Option<Box<dyn Any + Send>>, credited: bool) -> Self {
        Self(Opaque::new(Contents {
            credited,
            engine: Mutex::new(engine),
            place: AtomicSlot::new(Slot::NONE),
            #[cfg(feature = "tokio")]
            at_host: AtomicSlot::new(Slot::NONE),
        }))
    }

    /// This source with credit: it is asked for an item only while it has credit, and feedback
    /// [`Credit`] adds some. The source as it was until now is spent.
    #[must_use]
    pub fn credited(self) -> Self {
        Self::made(self.spend(), true)
    }

    fn contents(&self) -> &Contents {
        match self.0.downcast_ref::<Contents>() {
            Some(contents) => contents,
            None => unreachable!("a source is made of its contents"),
        }
    }

    pub(crate) fn is_credited(&self) -> bool {
        self.contents().credited
    }

    /// Where it may be found in the VM that turned it on. Another VM must check it: for that VM it
    /// is only a hint.
    #[inline]
    pub(super) fn place(&self) -> Slot<ActiveSource> {
        self.contents().place.load()
    }

    pub(super) fn set_place(&self, place: Slot<ActiveSource>) {
        self.contents().place.store(place);
    }

    /// Where it may be found in the host that runs it. Another host must check it: for that host it
    /// is only a hint.
    #[cfg(feature = "tokio")]
    pub(crate) fn at_host(&self) -> Slot<AtHost> {
        self.contents().at_host.load()
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn set_at_host(&self, place: Slot<AtHost>) {
        self.contents().at_host.store(place);
    }

    /// Whether the value is this source.
    #[inline]
    pub(super) fn is(&self, value: &Value) -> bool {
        matches!(value.view(), View::Opaque(opaque) if *opaque == self.0)
    }

    /// The source of a value that was [seen](Source::is) to be one, and that nobody needs any more.
    #[inline]
    pub(super) fn known_in(value: Value) -> Option<Self> {
        value.into_opaque().map(Self)
    }

    /// [`Message::to_value`], of a source that nobody needs any more.
    #[inline]
    pub(super) fn into_value(self) -> Value {
        self.0.into()
    }

    /// [`Source::from_value`], of a value that nobody needs any more.
    fn of_value(value: Value) -> Option<Self> {
        let opaque = value.into_opaque()?;
        opaque.downcast_ref::<Contents>()?;
        Some(Self(opaque))
    }

    /// Takes out the contents, with which its host runs it: only the first time.
    pub(crate) fn spend(&self) -> Option<Box<dyn Any + Send>> {
        lock(&self.contents().engine).take()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.0)
    }
}

impl Message for Source {
    type Gives = Self;
    fn to_value(&self) -> Value {
        self.0.clone().into()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Opaque(opaque) => {
                opaque.downcast_ref::<Contents>()?;
                Some(Self(opaque.clone()))
            }
            _ => None,
        }
    }
}

/// A ground event: an item of a source, or feedback for it.
///
/// No other value is taken for one: its first field is a [`Source`].
#[derive(marketplace_macros::Message, Clone, Debug, PartialEq)]
#[message(driver = crate::ground_vm::event_relay::RELAY)]
pub struct Ground<T>(pub Source, pub T);

/// The ground event of a source and its item.
#[inline]
pub(crate) fn ground_event([source, item]: [Value; 2]) -> Value {
    Value::from_array(label_of::<Ground<Value>>(), [Value::UNIT, source, item])
}

/// The source and the content of a ground event that nobody needs any more: they are taken out, if
/// nobody else has it.
#[inline]
pub(crate) fn take_ground(event: Value) -> Option<(Source, Value)> {
    match event.view() {
        View::Record(label, [_, _]) if *label == Symbol::from_label(label_of::<Ground<Value>>()) => {}
        _ => return None,
    }
    let [source, content] = event.into_fields()?;
    Some((Source::of_value(source)?, content))
}

/// The topic of every item of a source; of every source, if none is given.
pub(crate) fn ground_topic(source: Option<&Source>) -> Topic {
    let source = source.map_or_else(Topic::any, |source| source.to_value().into());
    Topic::record(Symbol::from_label(label_of::<Ground<Value>>()), [source, Topic::any()])
}

/// Feedback for a source made with credit: it may give so many more items.
#[derive(marketplace_macros::Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit(pub u64);
