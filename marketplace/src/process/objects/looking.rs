//! All that a program may know of a reference without speaking to it.

use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::conversation::promise::way::Outcome;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;

/// How far a reference is settled: see [`settlement`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Settlement {
    /// A promise that is not settled, or from which messages are still on their way to what it is
    /// settled with.
    Open,
    /// An object, or a promise that is settled with this one.
    Object(Reference),
    /// A promise that is settled with data.
    Data(Value),
    /// A promise that is broken.
    Broken(Reason),
}

/// How far a reference is settled, for whoever passes it on elsewhere. An object whose process has
/// ended is an object still.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let (later, resolver) = promise::<u32>();
/// let reference = Reference::from_value(&later.to_value()).unwrap();
/// assert_eq!(settlement(&reference), Settlement::Open);
///
/// let mut sim = Sim::new(move |_| transition_no_state!(resolver.fulfill(7u32)));
/// sim.run();
/// assert_eq!(settlement(&reference), Settlement::Data(7u32.into()));
/// ```
#[must_use]
pub fn settlement(reference: &impl AsRef<Reference>) -> Settlement {
    match reference.as_ref().settled_so_far() {
        Outcome::Data(value) => Settlement::Data(value),
        Outcome::Object(object) => Settlement::Object(object),
        Outcome::Follow(_) => Settlement::Open,
        Outcome::Broken(reason) => Settlement::Broken(reason),
    }
}

/// The PID of the process that an object is in, at its VM's level; `None` if the object is not
/// there (yet, or any more), and of a promise that is not settled with an object. Processes of two
/// VMs may have one PID: [`same_process`] tells them apart.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Bell;
/// #[object]
/// impl Bell {}
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let bell = sim.spawn_object(Bell);
/// assert_eq!(process_of(&bell), None, "it is not there yet");
/// sim.run();
/// assert!(process_of(&bell).is_some());
/// ```
#[must_use]
pub fn process_of(object: &impl AsRef<Reference>) -> Option<Pid> {
    object.as_ref().place().map(|place| place.pid)
}

/// Whether two objects are in one process. Of one that is not there it is not known: then they are
/// not.
///
/// ```
/// use marketplace::objects::*;
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// struct Lamp;
/// #[object]
/// impl Lamp {
///     fn beside(&self, cx: &Cx<Self>) -> Far<Lamp> {
///         cx.make(Lamp)
///     }
/// }
///
/// let mut sim = Sim::new(|_| transition_no_state!());
/// let (lamp, other) = (sim.spawn_object(Lamp), sim.spawn_object(Lamp));
/// let beside = sim.ask(|cx| lamp.beside(cx));
/// sim.run();
/// let beside = beside.answer().unwrap().unwrap();
/// assert!(same_process(&lamp, &beside));
/// assert!(!same_process(&lamp, &other));
/// ```
#[must_use]
pub fn same_process(one: &impl AsRef<Reference>, other: &impl AsRef<Reference>) -> bool {
    match (one.as_ref().place(), other.as_ref().place()) {
        (Some(one), Some(other)) => one.pid == other.pid && Arc::ptr_eq(&one.site, &other.site),
        _ => false,
    }
}
