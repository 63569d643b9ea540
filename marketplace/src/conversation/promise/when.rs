//! Waiting until a promise is settled.

use std::fmt;
use std::sync::Arc;

use crate::conversation::duct::{Duct, Site};
use crate::conversation::pid::{OfProcess, Pid};
use crate::conversation::promise::OfKept;
use crate::conversation::promise::ear::HostEar;
use crate::conversation::promise::falling::{Fallen, Fell};
use crate::conversation::promise::gathering::Gathering;
use crate::data::reason::Reason;
use crate::data::reference::ReferenceId;
use crate::data::slots::Slot;
use crate::data::value::Value;

/// Somebody who waits until a promise is settled, or until an object is gone.
pub(crate) enum When {
    /// A process, which keeps what it wants to do then.
    Process(Waiter),
    /// A promise that is made of several: this is the place of this one among them.
    Gathering(Arc<Gathering>, usize),
    /// The answer is given on a duct.
    Duct(Duct),
    /// The host: it hears it out of every VM.
    Host(HostEar),
}

impl When {
    /// The site of the VM whose process waits, if one does.
    pub(super) fn site(&self) -> Option<&Arc<Site>> {
        match self {
            Self::Process(waiter) => Some(&waiter.site),
            Self::Gathering(..) | Self::Duct(_) | Self::Host(_) => None,
        }
    }
}

/// Somebody who is to wait for a promise.
pub(crate) struct Waiting {
    pub(crate) on: Value,
    pub(crate) when: When,
}

/// A process that waits.
#[derive(Clone)]
pub(crate) struct Waiter {
    /// Where its VM stands.
    pub(crate) site: Arc<Site>,
    pub(crate) pid: Pid,
    /// Its place in the table of its VM, as long as it is there.
    pub(crate) process: Slot<OfProcess>,
    /// The closure that it keeps.
    pub(crate) kept: Slot<OfKept>,
}

/// The outcome of a promise, on its way to somebody who waits. It is told though the VM ends
/// that carries it.
pub(crate) struct News(Option<(When, Result<Value, Reason>)>);

impl Drop for News {
    #[inline]
    fn drop(&mut self) {
        if let Some((when, result)) = self.0.take() {
            Fallen::lost(ReferenceId::NONE, Fell::News(when, result));
        }
    }
}

impl News {
    pub(crate) const fn new(when: When, result: Result<Value, Reason>) -> Self {
        Self(Some((when, result)))
    }

    /// It has arrived.
    pub(crate) fn take(mut self) -> (When, Result<Value, Reason>) {
        self.0.take().unwrap_or_else(|| unreachable!("news is taken once"))
    }

    /// How many bytes wait with it.
    pub(crate) fn bytes(&self) -> u32 {
        self.result().as_ref().map_or(0, Value::bytes)
    }

    /// The one who is to be told, and the news.
    pub(crate) fn look(&self) -> (&When, &Result<Value, Reason>) {
        match &self.0 {
            Some((when, result)) => (when, result),
            None => unreachable!("nobody has news that was taken"),
        }
    }

    fn result(&self) -> &Result<Value, Reason> {
        self.look().1
    }

    /// The news for somebody who only looks on.
    pub(crate) fn seen(&self) -> Result<Value, Reason> {
        self.result().as_ref().map(Value::seen).map_err(Reason::seen)
    }
}

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.result() {
            Ok(value) => write!(f, "tell that a promise gives {value}"),
            Err(reason) => write!(f, "tell that a promise is broken ({reason})"),
        }
    }
}
