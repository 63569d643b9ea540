//! Several promises that are waited for as one.

use std::mem;
use std::sync::Mutex;

use crate::conversation::promise::answer::Decider;
use crate::data::lock::lock;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;

/// Several promises that are waited for as one. It is the kernel that waits: it keeps no process.
pub(crate) struct Gathering(Mutex<Inside>);

struct Inside {
    /// The results so far: for all of them. Empty if the first one is enough, and when the outcome
    /// is known.
    there: Vec<Option<Value>>,
    /// How many of them are not settled.
    missing: usize,
    /// The first one is enough.
    first: bool,
    /// Gone when the outcome is known.
    decider: Option<Decider>,
}

impl Gathering {
    /// The promise of all of so many.
    pub(crate) fn all(promises: usize, decider: Decider) -> Self {
        let there = (0..promises).map(|_| None).collect();
        Self(Mutex::new(Inside { there, missing: promises, first: false, decider: Some(decider) }))
    }

    /// The promise of the first of several.
    pub(crate) fn first(promises: usize, decider: Decider) -> Self {
        Self(Mutex::new(Inside { there: Vec::new(), missing: promises, first: true, decider: Some(decider) }))
    }

    /// The promise, if it is not settled yet.
    pub(crate) fn promise(&self) -> Option<Reference> {
        lock(&self.0).decider.as_ref().map(|decider| decider.promise().clone())
    }

    /// Whether the promise is settled.
    pub(crate) fn is_over(&self) -> bool {
        lock(&self.0).decider.is_none()
    }

    /// How many of them are not settled.
    pub(crate) fn missing(&self) -> usize {
        lock(&self.0).missing
    }

    /// There are none to wait for. Gives the promise, and what it is settled with.
    pub(crate) fn settle_empty(&self) -> Option<(Decider, Result<Value, Reason>)> {
        let mut inside = lock(&self.0);
        // The first of none never comes: the promise breaks, as nobody can settle it.
        if inside.first {
            return None;
        }
        inside.decider.take().map(|decider| (decider, Ok(Value::sequence([]))))
    }

    /// One of them is settled. Gives the promise, and what it is settled with, if this decides it.
    pub(crate) fn settle(
        &self,
        at: usize,
        result: Result<Value, Reason>,
    ) -> Option<(Decider, Result<Value, Reason>)> {
        let mut result = result;
        // No value is dropped as long as this is locked: in it may be anything.
        let (decider, there) = {
            let mut inside = lock(&self.0);
            if let Ok(value) = &mut result
                && !inside.first
                && inside.decider.is_some()
            {
                inside.there[at] = Some(mem::replace(value, Value::UNIT));
                inside.missing -= 1;
                if inside.missing > 0 {
                    return None;
                }
            }
            (inside.decider.take()?, mem::take(&mut inside.there))
        };
        if result.is_ok() && !there.is_empty() {
            result = Value::try_sequence(there.into_iter().flatten()).map_err(Reason::error);
        }
        Some((decider, result))
    }
}
