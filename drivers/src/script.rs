//! A prepared outer half, and processes that come and go: for the tests of process halves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use marketplace::Source;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::lock::lock;

/// A time that no test reaches.
pub(crate) const NEVER: Duration = Duration::from_secs(1 << 40);

/// Gives out prepared sources in turn, and notes for what they were asked. Clones share them.
pub(crate) struct Script<A> {
    sources: Arc<Mutex<VecDeque<Source>>>,
    asked: Arc<Mutex<Vec<A>>>,
}

impl<A> Script<A> {
    pub(crate) fn of(sources: impl IntoIterator<Item = Source>) -> Self {
        Self { sources: Arc::new(Mutex::new(sources.into_iter().collect())), asked: Arc::default() }
    }

    /// Puts this behind the other sources.
    pub(crate) fn prepare(&self, source: Source) {
        lock(&self.sources).push_back(source);
    }

    /// The next source: one that gives nothing, when no other is prepared.
    pub(crate) fn give(&self, asked: A) -> Source {
        lock(&self.asked).push(asked);
        lock(&self.sources).pop_front().unwrap_or_else(|| forever([]))
    }

    pub(crate) fn asked(&self) -> Vec<A>
    where
        A: Clone,
    {
        lock(&self.asked).clone()
    }
}

impl<A> Default for Script<A> {
    fn default() -> Self {
        Self::of([])
    }
}

impl<A> Clone for Script<A> {
    fn clone(&self) -> Self {
        Self { sources: self.sources.clone(), asked: self.asked.clone() }
    }
}

/// A source that gives these items, and does not end.
pub(crate) fn forever(items: impl IntoIterator<Item = Value>) -> Source {
    until(items, NEVER, Reason::Normal)
}

pub(crate) fn until(items: impl IntoIterator<Item = Value>, end: Duration, why: Reason) -> Source {
    let items = items.into_iter().map(|item| (Duration::ZERO, item));
    // The item before the end is one that no process understands.
    Sim::timeline(items.chain([(end, Value::UNIT)]), why)
}

/// A message that ends the process that waits for it.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Leave(pub(crate) u8);

pub(crate) fn leaves<S>(at: u8) -> AddEndpoint<S> {
    subscriber!(Leave(at), on_message!(Leave(_) => quit()))
}

/// Ends the processes that wait for this.
pub(crate) fn leave(sim: &mut Sim, at: u8) {
    sim.send(&Leave(at));
    sim.run();
}

/// Adds a process with these endpoints.
pub(crate) fn join(sim: &mut Sim, endpoints: impl IntoActionTree<()> + Send + 'static) {
    sim.spawn(spawn!(Transition::new((), endpoints)));
    sim.run();
}
