//! References: values by which an object or a promise is spoken to.

use std::any::Any;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering as Atomic};
use std::sync::{Arc, Weak};

use crate::data::numbers::{self, Counter, TowerId, TurnId};

/// A reference to an object or to a promise. Only programs that have it can speak to that.
///
/// It is a value like any other: it travels in messages, topics and states, over all levels. All
/// references to one object are equal, in every process of a tower. A promise is equal only to
/// itself, also when it is settled. It prints as `ref#7`, or as `ref#x7` if it was made outside of
/// every VM: by a host or a test. It cannot be read back.
///
/// Typed references are [`Far`](crate::objects::Far) and [`Promise`](crate::objects::Promise).
#[derive(Clone)]
pub struct Reference(Arc<dyn Inside>);

/// A reference that does not keep what it stands for.
#[derive(Clone)]
pub(crate) struct WeakReference(Weak<dyn Inside>);

/// The thing to which a reference refers. A value with a reference in it is as good a key of a map
/// as any, since what it compares by never changes.
// As a type that ends in something of any type, and not as something of any type itself, each look
// inside takes 8 instructions more, and it is 8 bytes larger.
struct Node<T: Referred> {
    /// Its number. It changes only while nobody has the reference.
    id: AtomicU64,
    /// The tower in which it was made. Of one that was made outside of every tower, the tower in
    /// which it was first used; [`TowerId::NONE`] before that.
    tower: AtomicU64,
    thing: T,
}

/// A node, whatever it refers to. All of it is behind this trait, as parts of it change: so no lint
/// takes values for keys that change.
trait Inside: Any + Send + Sync {
    fn id(&self) -> ReferenceId;
    fn tower(&self) -> &AtomicU64;
    /// The word that was noted here for this VM.
    fn noted(&self, vm: u32) -> Option<u64>;
    /// Whether it is as new.
    fn is_new(&mut self) -> bool;
    /// Gives it another number, in this tower. Nobody has the reference.
    fn renew(&self, id: ReferenceId, tower: TowerId);
}

/// A thing that a reference can stand for.
pub(crate) trait Referred: Any + Send + Sync {
    /// The word that was noted here for the VM with this number, if there is one.
    #[inline]
    fn noted(&self, _: u32) -> Option<u64> {
        None
    }
    /// Whether it is as new: nothing tells it from another one.
    #[inline]
    fn is_new(&mut self) -> bool {
        false
    }
    /// Nobody has the reference any more, which had this number.
    #[inline]
    fn falls(&mut self, _: ReferenceId) {}
}

impl<T: Referred> Inside for Node<T> {
    fn id(&self) -> ReferenceId {
        ReferenceId(self.id.load(Atomic::Relaxed))
    }
    fn tower(&self) -> &AtomicU64 {
        &self.tower
    }
    fn noted(&self, vm: u32) -> Option<u64> {
        self.thing.noted(vm)
    }
    fn is_new(&mut self) -> bool {
        self.thing.is_new()
    }
    fn renew(&self, id: ReferenceId, tower: TowerId) {
        self.id.store(id.0, Atomic::Relaxed);
        self.tower.store(tower.number(), Atomic::Relaxed);
    }
}

impl<T: Referred> Drop for Node<T> {
    #[inline]
    fn drop(&mut self) {
        self.thing.falls(ReferenceId(*self.id.get_mut()));
    }
}

/// The number of what a reference stands for. Objects and promises of a tower are numbered in the
/// order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReferenceId(u64);

impl ReferenceId {
    /// No reference has it.
    pub(crate) const NONE: Self = Self(0);

    /// The number that was given next when this was made: numbered by the counter of the tower.
    #[inline]
    pub(crate) fn fresh() -> Self {
        Self(numbers::fresh_reference())
    }

    /// Whether it was made since the counter of its tower stood there: one that was made outside of
    /// every tower was not.
    pub(crate) const fn is_since(self, counter: Counter) -> bool {
        self.0 >= counter.number() && !numbers::is_outside(self.0)
    }

    /// The number that is printed so, without the `ref#`; `None` if none is printed so.
    pub(crate) fn printed(text: &str) -> Option<Self> {
        let outside = text.strip_prefix(numbers::MARK);
        let (digits, is_outside) = outside.map_or((text, false), |digits| (digits, true));
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let number = digits.parse().ok().filter(|number| !numbers::is_outside(*number))?;
        Some(Self(if is_outside { numbers::with_mark(number) } else { number }))
    }
}

/// As `7`, or as `x7`.
impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        numbers::Shown(self.0).fmt(f)
    }
}

/// Shown where somebody only looks on: it is equal to the reference, and keeps nothing.
struct Shown;

impl Referred for Shown {}

impl Reference {
    /// A reference to something new.
    #[inline]
    pub(crate) fn new<T: Referred>(id: ReferenceId, thing: T) -> Self {
        Self::of(id, numbers::tower(), thing)
    }

    #[inline]
    fn of<T: Referred>(id: ReferenceId, tower: TowerId, thing: T) -> Self {
        let (id, tower) = (AtomicU64::new(id.0), AtomicU64::new(tower.number()));
        Self(Arc::new(Node { id, tower, thing }))
    }

    /// The thing for which it stands, if that is a `T`. A reference that is only shown stands for
    /// nothing.
    #[inline]
    pub(crate) fn inside<T: Referred>(&self) -> Option<&T> {
        let node: &dyn Any = &*self.0;
        node.downcast_ref().map(|Node { thing, .. }| thing)
    }

    /// The thing for which it stands, to be changed, if nobody else has the reference.
    #[inline]
    pub(crate) fn inside_mut<T: Referred>(&mut self) -> Option<&mut T> {
        let node: &mut dyn Any = Arc::get_mut(&mut self.0)?;
        node.downcast_mut().map(|Node { thing, .. }| thing)
    }

    /// The word that was noted there for the VM with this number, if there is one.
    #[inline]
    pub(crate) fn noted(&self, vm: u32) -> Option<u64> {
        self.0.noted(vm)
    }

    /// Whether nobody else has the reference, and what it stands for is as new.
    // With a look inside of what it is, a round of a send, its answer and a `when` takes 9
    // instructions more.
    #[inline]
    pub(crate) fn is_new(&mut self) -> bool {
        Arc::get_mut(&mut self.0).is_some_and(Inside::is_new)
    }

    /// Makes it a reference to something new, which is as what it stood for: it
    /// [is new](Self::is_new), and nobody has got it since that was asked. Says whether it did: it
    /// does not outside of every tower.
    // To ask once more whether somebody has it is 10 instructions.
    #[inline]
    pub(crate) fn renew(&mut self) -> bool {
        debug_assert!(self.is_new());
        let tower = numbers::tower();
        if tower == TowerId::NONE {
            return false;
        }
        self.0.renew(ReferenceId(numbers::fresh()), tower);
        true
    }

    /// Whether it is this very handle's node.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether there are so many handles.
    #[inline]
    pub(crate) fn is_held(&self, times: usize) -> bool {
        Arc::strong_count(&self.0) == times
    }

    #[inline]
    pub(crate) fn id(&self) -> ReferenceId {
        self.0.id()
    }

    #[inline]
    pub(crate) fn tower(&self) -> TowerId {
        TowerId::of(self.0.tower().load(Atomic::Relaxed))
    }

    /// Says that it is used in this tower, and whether it belongs there: the first tower that uses
    /// a reference which was made outside of every tower has it from then on.
    #[inline]
    pub(crate) fn is_of_tower(&self, tower: TowerId) -> bool {
        let own = self.tower();
        own == tower || own == TowerId::NONE && self.adopt(tower)
    }

    /// Whether what it stands for was made in this turn, which runs, in this tower.
    #[inline]
    pub(crate) fn is_made_in(&self, turn: TurnId, tower: TowerId) -> bool {
        let number = self.id().0;
        number > turn.number() && !numbers::is_outside(number) && self.tower() == tower
    }

    #[cold]
    fn adopt(&self, tower: TowerId) -> bool {
        let (none, tower) = (TowerId::NONE.number(), tower.number());
        match self.0.tower().compare_exchange(none, tower, Atomic::Relaxed, Atomic::Relaxed) {
            Ok(_) => true,
            Err(own) => own == tower,
        }
    }

    /// The reference for somebody who only looks on: it is equal to this one and keeps nothing.
    /// A message to it breaks. So it is the key of a table that is to keep nothing.
    ///
    /// ```
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    ///
    /// let (object, _here) = reference::<()>();
    /// let object: &Reference = object.as_ref();
    /// assert_eq!(object.shown(), *object);
    /// ```
    #[must_use]
    pub fn shown(&self) -> Self {
        if self.inside::<Shown>().is_some() {
            return self.clone();
        }
        Self::shown_as(self.id(), self.tower())
    }

    /// The reference with this number, in this tower, for somebody who only looks on.
    pub(crate) fn shown_as(id: ReferenceId, tower: TowerId) -> Self {
        Self::of(id, tower, Shown)
    }

    pub(crate) fn downgrade(&self) -> WeakReference {
        WeakReference(Arc::downgrade(&self.0))
    }
}

impl WeakReference {
    /// The reference, if somebody has it still.
    pub(crate) fn upgrade(&self) -> Option<Reference> {
        self.0.upgrade().map(Reference)
    }

    /// Whether it is that of the same thing as this one.
    #[inline]
    pub(crate) fn is(&self, reference: &Reference) -> bool {
        std::ptr::addr_eq(self.0.as_ptr(), Arc::as_ptr(&reference.0))
    }

    /// How many handles hold what it stands for.
    pub(crate) fn held(&self) -> usize {
        self.0.strong_count()
    }
}

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Reference {}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reference {
    /// By number, and then by tower. The number of one that was made outside of every tower is its
    /// own in the whole program.
    fn cmp(&self, other: &Self) -> Ordering {
        self.id().cmp(&other.id()).then_with(|| {
            let outside = numbers::is_outside(self.id().0);
            if outside { Ordering::Equal } else { self.tower().cmp(&other.tower()) }
        })
    }
}

impl Hash for Reference {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.id().hash(hasher);
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ref#{}", self.id())
    }
}
