//! Objects and promises of a dump as JSON, as many as may be shown.

use serde::Serialize;

use crate::data::reference::Reference;
use crate::host::inspector::shown::numbers;
use crate::host::inspector::shown::text::{shown_name, shown_reference};
use crate::vm::dump::{DumpedDecider, DumpedObject, DumpedPlace, DumpedPromise, DumpedWaiter};

/// How many objects, and how many promises, a dump shows in all.
const LIMIT: usize = 2_000;

/// How many of those who wait for a promise it shows.
const WAITERS: usize = 20;

/// How many more objects and promises may be shown.
pub(super) struct Left {
    objects: usize,
    promises: usize,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ShownObject {
    #[serde(rename = "ref")]
    reference: String,
    kind: String,
    /// How many handles hold it: of these, where those are that the VM sees.
    held: usize,
    queued: usize,
    promised: usize,
    named: usize,
    waits: usize,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ShownPromise {
    #[serde(rename = "ref")]
    reference: String,
    is_object: bool,
    decider: ShownDecider,
    /// How many wait for it; the first of them.
    waiters: usize,
    waits: Vec<ShownWaiter>,
    /// How many messages wait at it; the first of them.
    messages: usize,
    first: Option<String>,
}

/// How a promise is settled, by whom, and on what that depends.
#[derive(Debug, PartialEq, Serialize)]
struct ShownDecider {
    is: &'static str,
    by: Option<ShownPlace>,
    on: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "lowercase")]
enum ShownWaiter {
    Process {
        by: ShownPlace,
    },
    Promise {
        #[serde(rename = "ref")]
        reference: String,
    },
    Duct {
        by: Option<ShownPlace>,
    },
    Host,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownPlace {
    vm: Vec<u64>,
    pid: u64,
}

impl Default for Left {
    fn default() -> Self {
        Self { objects: LIMIT, promises: LIMIT }
    }
}

impl Left {
    /// The first of these objects.
    pub(super) fn objects(&mut self, objects: &[DumpedObject]) -> Vec<ShownObject> {
        let first = &objects[..objects.len().min(self.objects)];
        self.objects -= first.len();
        first.iter().map(ShownObject::from).collect()
    }

    /// The first of these promises.
    pub(super) fn promises(&mut self, promises: &[DumpedPromise]) -> Vec<ShownPromise> {
        let first = &promises[..promises.len().min(self.promises)];
        self.promises -= first.len();
        first.iter().map(ShownPromise::from).collect()
    }
}

impl From<&DumpedObject> for ShownObject {
    fn from(object: &DumpedObject) -> Self {
        Self {
            reference: shown_reference(&object.reference),
            kind: shown_name(&object.kind),
            held: object.held,
            queued: object.queued,
            promised: object.promised,
            named: object.named,
            waits: object.waits,
        }
    }
}

impl From<&DumpedPromise> for ShownPromise {
    fn from(promise: &DumpedPromise) -> Self {
        Self {
            reference: shown_reference(&promise.reference),
            is_object: promise.is_object,
            decider: ShownDecider::from(&promise.decider),
            waiters: promise.waiters,
            waits: promise.waits.iter().take(WAITERS).map(ShownWaiter::from).collect(),
            messages: promise.messages,
            first: promise.first.as_ref().map(shown_name),
        }
    }
}

impl From<&DumpedDecider> for ShownDecider {
    fn from(decider: &DumpedDecider) -> Self {
        let (is, by, on): (_, Option<&DumpedPlace>, Option<&Reference>) = match decider {
            DumpedDecider::Message { to, by } => ("message", by.as_ref(), Some(to)),
            DumpedDecider::Waiting(at) => ("waiting", None, Some(at)),
            DumpedDecider::Answer => ("answer", None, None),
            DumpedDecider::When { by, on } => ("when", Some(by), on.as_ref()),
            DumpedDecider::Follows(other) => ("follows", None, Some(other)),
            DumpedDecider::Several { .. } => ("several", None, None),
            DumpedDecider::Drains(to) => ("drains", None, Some(to)),
            DumpedDecider::Forwarded(to) => ("forwarded", None, Some(to)),
            DumpedDecider::Arrives(by) => ("arrives", Some(by), None),
            DumpedDecider::Unseen => ("unseen", None, None),
        };
        Self { is, by: by.map(ShownPlace::from), on: on.map(shown_reference) }
    }
}

impl From<&DumpedWaiter> for ShownWaiter {
    fn from(waiter: &DumpedWaiter) -> Self {
        match waiter {
            DumpedWaiter::Process(by) => Self::Process { by: by.into() },
            DumpedWaiter::Promise(reference) => Self::Promise { reference: shown_reference(reference) },
            DumpedWaiter::Duct(by) => Self::Duct { by: by.as_ref().map(ShownPlace::from) },
            DumpedWaiter::Host => Self::Host,
        }
    }
}

impl From<&DumpedPlace> for ShownPlace {
    fn from(place: &DumpedPlace) -> Self {
        Self { vm: numbers(&place.vm), pid: place.pid.number() }
    }
}
