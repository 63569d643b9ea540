//! Where an object is.

use std::sync::Arc;

use crate::conversation::duct::Site;
use crate::conversation::pid::{OfProcess, Pid};
use crate::conversation::promise::near::Near;
use crate::data::slots::Slot;

/// The key type of the slots of objects in their process.
pub(crate) enum OfObject {}

/// The key type of slots of kept closures, for code that does not know the state of their process.
pub(crate) enum OfKept {}

/// Where an object is.
#[derive(Clone)]
pub(crate) struct ObjectPlace {
    /// Where its VM stands.
    pub(crate) site: Arc<Site>,
    pub(crate) pid: Pid,
    /// The place of the process in the table of its VM, if that is known.
    pub(crate) process: Slot<OfProcess>,
    pub(crate) target: Target,
}

/// Where an object is in its VM.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) pid: Pid,
    pub(crate) process: Slot<OfProcess>,
    pub(crate) target: Target,
}

impl ObjectPlace {
    pub(crate) const fn spot(&self) -> Spot {
        Spot { pid: self.pid, process: self.process, target: self.target }
    }
}

impl Spot {
    /// Whether it is this one.
    pub(super) fn is(self, near: Near) -> bool {
        matches!(self.target, Target::Object(object) if object == near.object)
    }
}

/// The kind of an object in its process.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// One of its objects.
    Object(Slot<OfObject>),
    /// Clauses that have its state.
    Clauses(Slot<OfKept>),
}
