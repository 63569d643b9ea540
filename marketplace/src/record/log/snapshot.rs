//! Snapshots of states.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::conversation::duct::{self, Ended};
use crate::data::door;
use crate::data::lock::lock;
use crate::data::message::Message;
use crate::data::numbers::{self, Counter};
use crate::data::value::Value;

/// A state as it was at some time.
///
/// Of a [`peekable_data`](crate::peekable_data) process it is the state as data, which keeps
/// nothing. Else it is a clone of the state, and its own ducts are only to be looked at. If the
/// clone *shares* data with the state (as an `Arc` or a persistent map does), it keeps the ducts in
/// that data. If it is the last that has them, the process that waits for an answer is told late
/// why the other one ended: when the log has forgotten the snapshot, and every clone of it is
/// dropped.
#[derive(Clone)]
pub struct Snapshot {
    /// Empty only while it is being dropped.
    state: Option<Arc<dyn Shown>>,
    /// Where the counter stood when it was taken.
    taken: Counter,
    /// The remains of its process: they go after the last snapshot.
    remains: Option<Arc<Remains>>,
}

trait Shown: Any + fmt::Debug + Send + Sync {}

impl<T: Any + fmt::Debug + Send + Sync> Shown for T {}

impl Snapshot {
    pub(crate) fn new(state: impl Any + fmt::Debug + Send + Sync) -> Self {
        Self { state: Some(Arc::new(state)), taken: numbers::counter(), remains: None }
    }

    /// A state as data, of which nothing is kept. Names that its values take when they are made
    /// are those of nothing: looking on takes no number from the tower.
    pub(crate) fn of_data(state: &impl Message) -> Self {
        Self::new(numbers::uncounted(|| state.to_value().seen()))
    }

    /// The state as data, if it is [`peekable_data`](crate::peekable_data).
    #[must_use]
    pub fn data(&self) -> Option<&Value> {
        self.downcast_ref()
    }

    fn state(&self) -> &dyn Shown {
        match &self.state {
            Some(state) => &**state,
            None => unreachable!("it is not being dropped"),
        }
    }

    /// The state, if it is an `S`.
    #[must_use]
    pub fn downcast_ref<S: Any>(&self) -> Option<&S> {
        let state: &dyn Any = self.state();
        state.downcast_ref()
    }

    /// Drops the state. `ended`: the process ended with this state.
    fn let_go(&mut self, ended: Option<&Ended>) {
        let ((), let_go) = duct::letting_go(|| {
            let _ = door::dispose(self.state.take());
        });
        duct::fall(let_go, self.taken, ended);
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.let_go(None);
    }
}

/// The state's own text.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

/// Two are equal if they are the same snapshot.
impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self.state(), other.state())
    }
}

/// The state with which a process ended, for as long as somebody has a snapshot of it: ducts that
/// they share fall then.
#[derive(Default)]
pub(crate) struct Remains(Mutex<Last>);

#[derive(Default)]
struct Last {
    /// While a turn runs: the state before it, with which the process ends if the turn fails.
    state: Option<Snapshot>,
    ended: Option<Ended>,
}

impl Remains {
    fn last(&self) -> MutexGuard<'_, Last> {
        lock(&self.0)
    }

    /// Notes that the process is as in this snapshot, which these remains outlast.
    pub(crate) fn note(self: &Arc<Self>, snapshot: &mut Snapshot) {
        self.keep(snapshot.clone());
        snapshot.remains = Some(self.clone());
    }

    pub(crate) fn keep(&self, state: Snapshot) {
        let before = self.last().state.replace(state);
        drop(before);
    }

    pub(crate) fn has_state(&self) -> bool {
        self.last().state.is_some()
    }

    /// Notes that the process lives on, with another state.
    pub(crate) fn forget(&self) {
        let before = self.last().state.take();
        drop(before);
    }

    pub(crate) fn end(&self, ended: Ended) {
        self.last().ended = Some(ended);
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        let Last { state, ended } = std::mem::take(&mut *self.last());
        if let Some(mut state) = state {
            state.let_go(ended.as_ref());
        }
    }
}
