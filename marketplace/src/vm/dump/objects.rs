//! Objects and promises, as a dump shows them.

use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::data::reference::Reference;
use crate::data::value::Value;

/// An object in a [`DumpedProcess`](crate::DumpedProcess), and how many handles hold it.
///
/// A handle is one place that has the reference. Values that share their parts are one place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DumpedObject {
    /// Its reference, [shown](Reference::shown).
    pub reference: Reference,
    /// Its type, as `Purse`; of an object that is made of clauses, `object_of!`.
    pub kind: &'static str,
    /// How many handles hold it, wherever they are.
    pub held: usize,
    /// How many of these are in queues: in messages to it, in arguments, in answers.
    pub queued: usize,
    /// How many are at promises: in messages that wait there, or as that with which a promise is
    /// settled.
    pub promised: usize,
    /// How many are in topics and in names of endpoints and processes.
    pub named: usize,
    /// How many are its own, for each promise that it waits for.
    pub waits: usize,
}

impl DumpedObject {
    /// How many handles are where the VM does not see them: in states, closures and hosts, and in
    /// the index of a network, which copies parts of topics.
    #[must_use]
    pub const fn unseen(&self) -> usize {
        self.held.saturating_sub(self.queued + self.promised + self.named + self.waits)
    }
}

/// A promise that is not settled, or an object that is not there yet, in a [`Dump`](crate::Dump).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DumpedPromise {
    /// Its reference, [shown](Reference::shown).
    pub reference: Reference,
    /// It is an object that is not there yet, and no promise.
    pub is_object: bool,
    /// Whether anything that the VMs see leads to it, besides the processes that wait for it: if
    /// so, the shell can take hold of it.
    pub in_sight: bool,
    /// The one who settles it, as far as the VM sees.
    pub decider: DumpedDecider,
    /// How many wait for it.
    pub waiters: usize,
    /// The first of them.
    pub waits: Vec<DumpedWaiter>,
    /// How many messages wait at it.
    pub messages: usize,
    /// The first of them: its verb and its arguments, with their references shown.
    pub first: Option<Value>,
}

/// The one who settles a promise, as far as the VM sees: in a [`DumpedPromise`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DumpedDecider {
    /// The answer to a message that is queued.
    Message {
        /// The object that is to hear the message, or the promise at which it will wait.
        to: Reference,
        /// The process that is to answer, if the object is there.
        by: Option<DumpedPlace>,
    },
    /// The answer to a message that waits at this promise.
    Waiting(Reference),
    /// An answer that is queued.
    Answer,
    /// A `when` or an `ask` of this process.
    When {
        /// The process.
        by: DumpedPlace,
        /// The promise for which it waits itself.
        on: Option<Reference>,
    },
    /// It is settled as this promise is.
    Follows(Reference),
    /// `all` or `race`: it is settled when others are.
    Several {
        /// How many of them are not settled.
        missing: usize,
    },
    /// It is settled with this. The messages that waited are being delivered.
    Drains(Reference),
    /// Somebody elsewhere, such as a connection. Meanwhile this object hears what is sent to it.
    Forwarded(Reference),
    /// An object that this process is about to make.
    Arrives(DumpedPlace),
    /// Somebody whom the VM does not see: it has a resolver or a duct in a state, in a closure, or
    /// in a host, or it is to make the object.
    Unseen,
}

/// Somebody who waits for a promise, or for the end of an object: in a [`DumpedPromise`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DumpedWaiter {
    /// A `when`, an `ask` or a `when_broken` of this process.
    Process(DumpedPlace),
    /// This promise, which follows it, or for which it is one of several.
    Promise(Reference),
    /// Somebody is given the answer on a duct: this process, if it is one.
    Duct(Option<DumpedPlace>),
    /// The host.
    Host,
}

/// A process, and the VMs around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct DumpedPlace {
    /// The VMs around it, from the outside: empty in the ground VM.
    pub vm: Arc<[Pid]>,
    /// Its PID.
    pub pid: Pid,
}
