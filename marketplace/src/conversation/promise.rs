//! Objects and promises, as their references see them.
//!
//! - A promise is **open** until it is settled. Messages to it wait there meanwhile, in order.
//! - It is **settled** with data, with an object, or with another promise, which it **follows**; or
//!   it is **broken**, with a reason. The one that may settle it has its [`Decider`].
//! - It **drains** after it has been settled with an object, until what waited has been delivered:
//!   what is sent to it meanwhile waits behind.
//! - An object that is not there yet is open as a promise is, but is known to be an object.

pub(crate) mod answer;
pub(crate) mod broken;
pub(crate) mod ear;
pub(crate) mod falling;
pub(crate) mod gathering;
pub(crate) mod line;
pub(crate) mod near;
pub(crate) mod owed;
mod place;
pub(crate) mod sending;
mod state;
pub(crate) mod way;
pub(crate) mod when;

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::conversation::duct::Site;
use crate::conversation::promise::answer::Decider;
use crate::conversation::promise::falling::{Fallen, Fell, fall};
use crate::conversation::promise::line::Line;
use crate::conversation::promise::near::{Near, NearNote};
pub(crate) use crate::conversation::promise::place::{ObjectPlace, OfKept, OfObject, Spot, Target};
use crate::conversation::promise::sending::Sending;
pub(crate) use crate::conversation::promise::state::{Draining, MAX_WAITING, Open, PromiseState, There};
use crate::conversation::promise::when::When;
use crate::data::few::Few;
use crate::data::lock::lock;
use crate::data::reason::Reason;
use crate::data::reference::{Reference, ReferenceId, Referred};
use crate::data::value::{Value, View};

/// An object or a promise, for which a reference stands.
pub(crate) struct Referent {
    /// It was an object from the start, though it may not be there yet.
    is_object: bool,
    near: NearNote,
    state: Mutex<PromiseState>,
}

/// The state of an object or a promise, which nobody else looks at meanwhile.
pub(crate) struct Locked<'r> {
    state: MutexGuard<'r, PromiseState>,
    near: &'r NearNote,
}

impl Deref for Locked<'_> {
    type Target = PromiseState;
    #[inline]
    fn deref(&self) -> &PromiseState {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    /// The state may change: what was noted of it holds no longer.
    #[inline]
    fn deref_mut(&mut self) -> &mut PromiseState {
        self.near.clear();
        &mut self.state
    }
}

impl Reference {
    fn of_state(is_object: bool, state: PromiseState) -> Self {
        Self::new(ReferenceId::fresh(), Referent::new(is_object, state))
    }

    /// A promise, and what may settle it.
    pub(crate) fn promise() -> (Self, Decider) {
        let promise = Self::of_state(false, PromiseState::Open(Open::default()));
        (promise.clone(), Decider::of(promise))
    }

    /// A promise, and what may settle it. Until then this object hears what is sent to it.
    pub(crate) fn forwarded(here: Self) -> (Self, Decider) {
        let open = Open { forward: Some(Box::new(here)), ..Open::default() };
        let promise = Self::of_state(false, PromiseState::Open(open));
        (promise.clone(), Decider::of(promise))
    }

    /// Messages to the promise wait from now on.
    pub(crate) fn close(&self) {
        let mut here = None;
        if let Some(mut state) = self.state()
            && let PromiseState::Open(open) = &mut *state
        {
            here = open.forward.take();
        }
        drop(here);
    }

    /// An object that is not there yet.
    pub(crate) fn object_to_be() -> Self {
        Self::of_state(true, PromiseState::Open(Open::default()))
    }

    /// An object.
    pub(crate) fn object(place: ObjectPlace) -> Self {
        Self::of_state(true, PromiseState::There(There::new(place, Few::None)))
    }

    /// A reference that is equal to that of an object which nobody has any more.
    pub(crate) fn gone_again(id: ReferenceId, reason: Reason) -> Self {
        Self::new(id, Referent::new(true, PromiseState::Broken { reason, unheard: None, failing: None }))
    }

    /// A promise that was settled with this from the start.
    pub(crate) fn settled(value: Value) -> Self {
        Self::of_state(false, PromiseState::Settled(value))
    }

    #[inline]
    fn referent(&self) -> Option<&Referent> {
        self.inside()
    }

    /// Breaks a promise, or an object that is not there any more, where nobody is to be told.
    pub(crate) fn breaks(&self, reason: Reason) {
        let old = match self.state() {
            Some(mut state) if !matches!(&*state, PromiseState::Settled(_) | PromiseState::Broken { .. }) => {
                mem::replace(&mut *state, PromiseState::Broken { reason, unheard: None, failing: None })
            }
            _ => return,
        };
        // In it may be the last reference to something else.
        falling::bury(old);
    }

    /// Breaks a promise, as [`Self::breaks`] does, unless somebody waits there: then this is the
    /// site of a VM that waits.
    pub(super) fn breaks_unawaited(&self, reason: Reason) -> Option<Arc<Site>> {
        let old = match self.state() {
            Some(mut state) => match &*state {
                PromiseState::Open(Open { home: home @ Some(_), .. }) => return home.clone(),
                PromiseState::Settled(_) | PromiseState::Broken { .. } => return None,
                _ => mem::replace(&mut *state, PromiseState::Broken { reason, unheard: None, failing: None }),
            },
            None => return None,
        };
        // In it may be the last reference to something else.
        falling::bury(old);
        None
    }

    /// Nobody is interested in how the promise is settled.
    fn waive(self) {
        let old = self.state().map(|mut state| mem::replace(&mut *state, PromiseState::Waived));
        drop(old);
    }

    /// Whether it stands for an object or a promise: one that is only shown does not, nor does a
    /// resolver.
    #[inline]
    pub(crate) fn has_referent(&self) -> bool {
        self.referent().is_some()
    }

    /// Its state. `None` if it is only shown.
    #[inline]
    pub(crate) fn state(&self) -> Option<Locked<'_>> {
        self.referent().map(Referent::lock)
    }

    /// Its state, if it is a promise.
    #[inline]
    pub(crate) fn state_of_promise(&self) -> Option<Locked<'_>> {
        self.referent().filter(|referent| !referent.is_object).map(Referent::lock)
    }

    /// Whether it is an object, though one that may not be there yet.
    #[inline]
    pub(crate) fn is_object(&self) -> bool {
        self.referent().is_some_and(|referent| referent.is_object)
    }

    /// The reference that it is when all that it follows is known: of an object, if it is one.
    /// A promise that drains is not there yet.
    pub(crate) fn as_object(&self) -> Option<Self> {
        let mut at = self.clone();
        while !at.is_object() {
            let next = match &*at.state()? {
                PromiseState::Settled(value) => value.as_reference()?.clone(),
                _ => return None,
            };
            at = next;
        }
        Some(at)
    }

    /// Where the object is, if it is there, in the VM of this site, and that has been noted.
    #[inline]
    pub(crate) fn near(&self, site: &Arc<Site>) -> Option<Near> {
        let near = self.noted(site.number().number()).map(Near::from);
        debug_assert!(near.is_none_or(|near| self.spot_at(site).is_some_and(|spot| spot.is(near))));
        near
    }

    /// Notes where the object is in the VM of this site: it is there.
    pub(crate) fn note_near(&self, site: &Arc<Site>, near: Near) {
        debug_assert!(self.spot_at(site).is_some_and(|spot| spot.is(near)));
        if let Some(referent) = self.referent() {
            referent.near.write(site.number(), near);
        }
    }

    /// Where the object is, if it is there, in the VM of this site: most are asked for in their VM.
    pub(crate) fn spot_at(&self, site: &Arc<Site>) -> Option<Spot> {
        match &*self.state()? {
            PromiseState::There(There { place, .. }) if Arc::ptr_eq(&place.site, site) => Some(place.spot()),
            _ => None,
        }
    }

    /// Its state, if nobody else has the reference.
    #[inline]
    pub(crate) fn alone(&mut self) -> Option<&PromiseState> {
        let referent = self.inside_mut::<Referent>()?;
        Some(referent.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Where the object is, if it is there.
    pub(crate) fn place(&self) -> Option<ObjectPlace> {
        match &*self.as_object()?.state()? {
            PromiseState::There(There { place, .. }) => Some(place.clone()),
            _ => None,
        }
    }

    /// The thing that hears what is sent to it, if it is a promise that is decided elsewhere: an
    /// object, or a promise at which messages wait.
    pub(crate) fn forwards_to(&self) -> Option<Self> {
        let is_open = |at: &Self| matches!(at.state().as_deref(), Some(PromiseState::Open(_)));
        let drains = |at: &Self| matches!(at.state().as_deref(), Some(PromiseState::Draining(_)));
        let mut at = self.next().filter(|_| is_open(self))?;
        while let Some(next) = at.next().filter(|_| !drains(&at)) {
            at = next;
        }
        Some(at)
    }

    /// Whether messages to it come to this promise, or would.
    pub(crate) fn leads_to(&self, promise: &Self) -> bool {
        // No way leads back to where it has been: this one may be long.
        if promise.next().is_some_and(|next| next == *self) {
            return false;
        }
        let mut at = self.clone();
        while at != *promise {
            let Some(next) = at.next() else { return false };
            at = next;
        }
        true
    }

    /// The next one on the way of a message to it: what it was settled with, or what hears messages
    /// instead of it.
    fn next(&self) -> Option<Self> {
        match self.state().as_deref()? {
            PromiseState::Open(Open { forward: Some(here), .. }) => Some((**here).clone()),
            PromiseState::Settled(value) => value.as_reference().cloned(),
            PromiseState::Draining(draining) => draining.to.as_ref().ok().cloned(),
            _ => None,
        }
    }

    /// Lets a message of this VM wait, if this is an open promise of the tower, at which messages
    /// wait, and not too many do. Gives it back otherwise.
    #[inline]
    pub(crate) fn wait_if_open(
        &self,
        mut sending: Box<Sending>,
        site: &Arc<Site>,
        charge: impl FnOnce(&mut Sending),
    ) -> Result<(), Box<Sending>> {
        let Some(mut state) = self.state().filter(|_| self.is_of_tower(site.tower_id())) else {
            return Err(sending);
        };
        if !matches!(&*state, PromiseState::Open(open) if open.forward.is_none() && open.waiting.len() < MAX_WAITING)
        {
            return Err(sending);
        }
        if let PromiseState::Open(open) = &mut *state {
            charge(&mut sending);
            open.push(sending, site);
        }
        Ok(())
    }

    /// Lets all that has waited at another promise wait at this one, if it is open: messages if
    /// none waits here yet, and those who ask for the news if nobody does. So it takes no longer,
    /// however much that is. Gives back what has to wait one by one.
    pub(crate) fn inherit(
        &self,
        mut waiting: Line,
        mut whens: Few<When>,
        site: &Arc<Site>,
    ) -> (Line, Few<When>) {
        if let Some(mut state) = self.state()
            && let PromiseState::Open(open) = &mut *state
        {
            open.note_home(site);
            if open.waiting.is_empty() {
                mem::swap(&mut open.waiting, &mut waiting);
            }
            if let Few::None = open.whens {
                mem::swap(&mut open.whens, &mut whens);
            }
        }
        (waiting, whens)
    }

    /// Lets a message wait. Gives it back if too many wait.
    pub(crate) fn wait(&self, sending: Box<Sending>, site: &Arc<Site>) -> Result<(), Box<Sending>> {
        let Some(mut state) = self.state() else { return Err(sending) };
        match &mut *state {
            PromiseState::Open(open) if open.waiting.len() < MAX_WAITING => {
                open.push(sending, site);
                Ok(())
            }
            PromiseState::Draining(draining) if draining.waiting.len() < MAX_WAITING => {
                draining.waiting.push(sending);
                Ok(())
            }
            _ => Err(sending),
        }
    }
}

impl Value {
    /// The reference of an object or a promise that it is, if it is one. A resolver, and a
    /// reference that is only shown, are data.
    #[inline]
    pub(crate) fn as_reference(&self) -> Option<&Reference> {
        match self.view() {
            View::Reference(reference) if reference.has_referent() => Some(reference),
            _ => None,
        }
    }
}

impl Referent {
    const fn new(is_object: bool, state: PromiseState) -> Self {
        Self { is_object, near: NearNote::empty(), state: Mutex::new(state) }
    }

    #[inline]
    fn lock(&self) -> Locked<'_> {
        Locked { state: lock(&self.state), near: &self.near }
    }
}

impl Referred for Referent {
    #[inline]
    fn noted(&self, vm: u32) -> Option<u64> {
        self.near.word(vm)
    }

    /// Nothing has ever waited there.
    #[inline]
    fn is_new(&mut self) -> bool {
        let state = self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        matches!(state, PromiseState::Open(Open { home: None, forward: None, .. }))
    }

    /// The consequences are dealt with when the step is over.
    #[inline]
    fn falls(&mut self, id: ReferenceId) {
        let state = self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        match state {
            PromiseState::Waived => {}
            PromiseState::Settled(value) if !value.has_references() => {}
            _ => self.fall(id),
        }
    }
}

impl Referent {
    #[cold]
    fn fall(&mut self, id: ReferenceId) {
        let state = self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        match mem::replace(state, PromiseState::Waived) {
            PromiseState::There(There { place, watchers }) => {
                for when in watchers.into_iter().flat_map(|watchers| *watchers) {
                    fall(Fallen::new(id, Fell::Over(when)), Some(&place.site));
                }
                let site = place.site.clone();
                fall(Fallen::new(id, Fell::Object(place)), Some(&site));
            }
            PromiseState::Ending(reason, watchers) => {
                for when in watchers {
                    let home = when.site().cloned();
                    fall(Fallen::new(id, Fell::Ended(when, reason.clone())), home.as_ref());
                }
            }
            PromiseState::Broken { reason, unheard: Some(home), failing } => {
                fall(Fallen::new(id, Fell::Unheard(reason, failing)), Some(&home));
            }
            state if state.nests() => falling::bury(state),
            _ => {}
        }
    }
}
