//! The objects of a process, which are its state.

use std::mem;
use std::sync::Arc;

use crate::conversation::duct::Site;
use crate::conversation::pid::Pid;
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::falling::{Fallen, LetGo};
use crate::conversation::promise::when::{Waiter, When};
use crate::conversation::promise::{ObjectPlace, OfObject, PromiseState, Target};
use crate::data::door;
use crate::data::reason::Reason;
use crate::data::reference::{Reference, WeakReference};
use crate::data::slots::{FirstInline, Slot};
use crate::process::KeptSlot;
use crate::process::objects::object::ErasedObject;
use crate::process::queue::Lane;

/// The state of a process that consists of objects.
pub(crate) struct Objects(Box<Table>);

struct Table {
    objects: FirstInline<Standing, OfObject>,
    site: Arc<Site>,
    pid: Pid,
}

// With the first object in it.
const _: () = assert!(size_of::<Table>() <= 56);

impl Drop for Table {
    /// Each object goes through the door by itself, so that a failing destructor harms no other.
    fn drop(&mut self) {
        for standing in self.objects.iter_mut() {
            let _ = door::dispose(standing.object.take());
        }
    }
}

/// An object in its process.
struct Standing {
    /// Empty while it is called.
    object: Option<Box<dyn ErasedObject>>,
    /// Its reference, which the process does not keep.
    reference: WeakReference,
}

/// The reference of an object that is not there yet. If it is dropped before the object is there,
/// the object will never be.
pub(crate) struct Arriving {
    reference: Option<Reference>,
    /// The thing that is dropped then.
    with: LetGo,
}

impl Arriving {
    pub(crate) const fn new(reference: Reference, with: LetGo) -> Self {
        Self { reference: Some(reference), with }
    }

    /// The object is there now.
    pub(crate) fn arrives(mut self) -> Reference {
        match self.reference.take() {
            Some(reference) => reference,
            None => unreachable!("an object arrives once"),
        }
    }

    pub(crate) fn reference(&self) -> &Reference {
        match &self.reference {
            Some(reference) => reference,
            None => unreachable!("an object arrives once"),
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(reference) = self.reference.take() {
            Fallen::undecided(reference, self.with);
        }
    }
}

impl Objects {
    /// No object yet, in the process with this PID.
    pub(crate) fn new(site: Arc<Site>, pid: Pid) -> Self {
        Self(Box::new(Table { objects: FirstInline::new(), site, pid }))
    }

    /// Lets the process wait at a promise that its turn has made: nobody else has it, so it is not
    /// settled yet, and there is no need to wait for a place in the queue. `kept` is what it wants
    /// to do then. Says whether it waits.
    #[inline]
    pub(super) fn wait(&self, promise: &Reference, kept: KeptSlot, lane: &mut Lane<'_>) -> bool {
        let Table { site, pid, .. } = &*self.0;
        if lane.let_wait(promise, kept, site) {
            return true;
        }
        if !promise.is_made_in(lane.cause.as_turn(), site.tower_id()) {
            return false;
        }
        let Some(mut state) = promise.state_of_promise() else { return false };
        let PromiseState::Open(open) = &mut *state else { return false };
        open.wait(When::Process(Waiter { site: site.clone(), pid: *pid, process: lane.slot, kept }), site);
        true
    }

    /// Whether this is a place in this process.
    pub(crate) fn has(&self, place: &ObjectPlace) -> bool {
        place.pid == self.0.pid && Arc::ptr_eq(&place.site, &self.0.site)
    }

    /// Puts in an object, whose reference `refer` makes of its place. Gives its slot.
    pub(crate) fn put(
        &mut self,
        object: Box<dyn ErasedObject>,
        refer: impl FnOnce(ObjectPlace) -> WeakReference,
    ) -> Slot<OfObject> {
        let Table { objects, site, pid } = &mut *self.0;
        objects.insert_with(|slot| {
            let (process, target) = (Slot::NONE, Target::Object(slot));
            let place = ObjectPlace { site: site.clone(), pid: *pid, process, target };
            Standing { object: Some(object), reference: refer(place) }
        })
    }

    /// Takes an object out, to call it. Its place stays.
    #[inline]
    pub(super) fn lend(&mut self, slot: Slot<OfObject>) -> Option<Box<dyn ErasedObject>> {
        self.0.objects.get_mut(slot)?.object.take()
    }

    /// Puts it back.
    #[inline]
    pub(super) fn give_back(&mut self, slot: Slot<OfObject>, object: Box<dyn ErasedObject>) {
        if let Some(standing) = self.0.objects.get_mut(slot) {
            // Its place is empty: nothing has to be dropped there.
            mem::forget(standing.object.replace(object));
        }
    }

    /// Puts in an object as it was before. Gives it as it was until now.
    pub(super) fn restore(
        &mut self,
        slot: Slot<OfObject>,
        object: Box<dyn ErasedObject>,
    ) -> Option<Box<dyn ErasedObject>> {
        self.0.objects.get_mut(slot)?.object.replace(object)
    }

    /// Takes an object out for good.
    pub(crate) fn remove(&mut self, slot: Slot<OfObject>) -> Option<Box<dyn ErasedObject>> {
        self.0.objects.remove(slot)?.object
    }

    /// Looks at an object that is not being called.
    pub(super) fn look_at(&self, slot: Slot<OfObject>) -> Option<&dyn ErasedObject> {
        self.0.objects.get(slot)?.object.as_deref()
    }

    /// Whether an object wants a last turn.
    pub(crate) fn heeds_release(&self, slot: Slot<OfObject>) -> bool {
        let standing = self.0.objects.get(slot);
        standing.and_then(|standing| standing.object.as_ref()).is_some_and(|object| object.heeds_release())
    }

    /// Takes an object out that was made in a turn which is undone. One that nobody has any more
    /// has fallen already: its place stays taken until that is dealt with, which takes out what is
    /// there.
    pub(super) fn unmake(&mut self, slot: Slot<OfObject>) -> Option<Box<dyn ErasedObject>> {
        match self.reference_at(slot)?.upgrade() {
            Some(reference) => {
                reference.breaks(Broken::Gone(Reason::Normal).into());
                self.remove(slot)
            }
            None => self.lend(slot),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.objects.is_empty()
    }

    /// The references to the objects, and their types, for somebody who looks on.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&WeakReference, &'static str)> {
        self.0.objects.iter().map(|standing| {
            // None is called while somebody looks on.
            (&standing.reference, standing.object.as_ref().map_or("", |object| object.name()))
        })
    }

    /// The reference to the object at this place.
    pub(crate) fn reference_at(&self, slot: Slot<OfObject>) -> Option<&WeakReference> {
        self.0.objects.get(slot).map(|standing| &standing.reference)
    }

    /// Whether the object at this place is the one with this reference.
    #[inline]
    pub(super) fn is_at(&self, slot: Slot<OfObject>, reference: &Reference) -> bool {
        self.reference_at(slot).is_some_and(|at| at.is(reference))
    }

    /// The references that somebody has.
    pub(crate) fn references(&self) -> impl Iterator<Item = WeakReference> {
        self.0.objects.iter().map(|standing| standing.reference.clone())
    }
}
