//! The way of a message to a reference, and how far a promise is settled.

use std::mem;

use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::{ObjectPlace, Open, PromiseState, There};
use crate::data::numbers::TowerId;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;

/// The way of a message that is sent to a reference.
pub(crate) enum Way {
    /// It is delivered here.
    There(ObjectPlace),
    /// It waits.
    Waits,
    /// It goes on to this reference.
    Follows(Reference),
    /// This object hears it, if the promise is not settled before it comes there.
    Forwards(Reference),
    /// It cannot be delivered.
    Broken(Reason),
    /// The promise was settled with this, which hears nothing.
    Data(Value),
}

/// The outcome of a promise, as far as that is settled itself.
pub(crate) enum Outcome {
    Data(Value),
    Object(Reference),
    /// Another promise, which is not settled, or drains.
    Follow(Reference),
    Broken(Reason),
}

impl Reference {
    /// The way of a message that is sent to it in this tower.
    #[inline]
    pub(crate) fn way(&self, tower: TowerId) -> Way {
        if !self.is_of_tower(tower) {
            return Way::Broken(Reason::from(Broken::Foreign));
        }
        let Some(mut state) = self.state() else { return Way::Broken(Reason::from(Broken::Shown)) };
        match &*state {
            PromiseState::There(There { place, .. }) => Way::There(place.clone()),
            PromiseState::Open(Open { forward: Some(here), .. }) => Way::Forwards((**here).clone()),
            PromiseState::Open(_) | PromiseState::Draining(_) => Way::Waits,
            PromiseState::Settled(value) => match value.as_reference() {
                Some(next) => Way::Follows(next.clone()),
                None => Way::Data(value.clone()),
            },
            PromiseState::Broken { reason, .. } => {
                let reason = reason.clone();
                if let PromiseState::Broken { unheard, .. } = &mut *state {
                    *unheard = None;
                }
                Way::Broken(reason)
            }
            PromiseState::Ending(reason, _) => Way::Broken(Broken::gone(reason)),
            PromiseState::Waived => Way::Broken(Reason::from(Broken::Abandoned)),
        }
    }

    /// Goes from this promise to the next one, with which it was settled; or over that to the one
    /// behind it. This promise is settled with that from now on: so a long chain is half as long
    /// after each walk.
    #[inline]
    pub(crate) fn pass_on_to(&self, next: Self) -> Self {
        if next.is_object() { next } else { self.pass_over(next) }
    }

    #[cold]
    fn pass_over(&self, next: Self) -> Self {
        let beyond = match next.state().as_deref() {
            Some(PromiseState::Settled(value)) if next.tower() == self.tower() => {
                value.as_reference().cloned()
            }
            _ => None,
        };
        let Some(beyond) = beyond else { return next };
        let before = match self.state().as_deref_mut() {
            Some(PromiseState::Settled(value)) => Some(mem::replace(value, beyond.clone().into())),
            _ => None,
        };
        // The lock is open: in it may be the last reference to the next one.
        drop((before, next));
        beyond
    }

    /// How far a thing is settled with which a promise is to be settled.
    pub(crate) fn outcome(result: Result<Value, Reason>, tower: TowerId) -> Outcome {
        let value = match result {
            Ok(value) => value,
            Err(reason) => return Outcome::Broken(reason),
        };
        match value.as_reference() {
            Some(at) => at.clone().followed(Some(tower)),
            None => Outcome::Data(value),
        }
    }

    /// How far it is settled itself, in whatever tower.
    pub(crate) fn settled_so_far(&self) -> Outcome {
        self.clone().followed(None)
    }

    /// How far it is settled, in this tower. The one who asks takes the reason for which it is
    /// broken.
    fn followed(self, tower: Option<TowerId>) -> Outcome {
        let mut at = self;
        loop {
            if at.is_object() {
                return Outcome::Object(at);
            }
            if tower.is_some_and(|tower| !at.is_of_tower(tower)) {
                return Outcome::Broken(Reason::from(Broken::Foreign));
            }
            let next = match at.state().as_deref_mut() {
                Some(PromiseState::Open(_) | PromiseState::Draining(_)) => {
                    return Outcome::Follow(at.clone());
                }
                Some(PromiseState::Settled(value)) => match value.as_reference() {
                    Some(next) => next.clone(),
                    None => return Outcome::Data(value.clone()),
                },
                Some(PromiseState::Broken { reason, unheard, .. }) => {
                    *unheard = None;
                    return Outcome::Broken(reason.clone());
                }
                Some(PromiseState::Ending(reason, _)) => return Outcome::Broken(Broken::gone(reason)),
                Some(PromiseState::Waived) | None => {
                    return Outcome::Broken(Reason::from(Broken::Abandoned));
                }
                Some(PromiseState::There(_)) => unreachable!("what is there is an object"),
            };
            at = next;
        }
    }
}
