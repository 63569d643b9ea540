//! The states of a promise or an object, and what waits there.

use std::sync::Arc;

use crate::conversation::duct::Site;
use crate::conversation::promise::ObjectPlace;
use crate::conversation::promise::answer::Failing;
use crate::conversation::promise::line::Line;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::when::When;
use crate::data::few::Few;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;

pub(crate) enum PromiseState {
    Open(Open),
    // In a box: few promises drain, and all are smaller so.
    Draining(Box<Draining>),
    There(There),
    /// The process of the object has failed, for this reason, and will end.
    Ending(Reason, Vec<When>),
    /// Settled with data, or with a reference that it follows.
    Settled(Value),
    /// Broken, or an object that is gone. `unheard`: nobody has taken the reason yet, and this VM
    /// of the tower is told so if nobody can any more. `failing`: what failed, if that is known.
    Broken {
        reason: Reason,
        unheard: Option<Arc<Site>>,
        failing: Option<Box<Failing>>,
    },
    /// Nobody is interested in how the promise is settled.
    Waived,
}

impl PromiseState {
    /// Whether there may be other references in it.
    pub(super) fn nests(&self) -> bool {
        match self {
            Self::Open(open) => !open.is_empty(),
            Self::Draining(_) | Self::Ending(..) => true,
            Self::Settled(value) => value.has_references(),
            Self::There(_) | Self::Waived => false,
            Self::Broken { .. } => false,
        }
    }
}

/// A promise that is not settled, or an object that is not there yet.
#[derive(Default)]
pub(crate) struct Open {
    /// The site of a VM that waits here, if there is one.
    pub(crate) home: Option<Arc<Site>>,
    pub(crate) whens: Few<When>,
    pub(crate) waiting: Line,
    /// The one that hears what is sent to the promise, until that is settled. Only what has to come
    /// out to it waits meanwhile.
    pub(crate) forward: Option<Box<Reference>>,
}

/// A promise that was settled with an object.
pub(crate) struct Draining {
    /// `None`: an object that has just come; this is its place.
    pub(crate) to: Result<Reference, ObjectPlace>,
    pub(crate) waiting: Line,
    /// The waiters that have asked since it was settled.
    pub(crate) whens: Few<When>,
}

/// An object.
pub(crate) struct There {
    pub(crate) place: ObjectPlace,
    /// The waiters that hear when it is gone: most objects have none.
    #[allow(clippy::box_collection, reason = "each object is smaller so")]
    pub(crate) watchers: Option<Box<Vec<When>>>,
}

impl There {
    /// An object at this place. These hear when it is gone.
    pub(crate) fn new(place: ObjectPlace, whens: Few<When>) -> Self {
        let watchers = match whens {
            Few::None => None,
            whens => Some(Box::new(whens.into_vec())),
        };
        Self { place, watchers }
    }
}

/// How many messages may wait at one promise.
pub(crate) const MAX_WAITING: usize = 1_000_000;

impl Open {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.whens, Few::None) && self.waiting.is_empty()
    }

    pub(super) fn note_home(&mut self, site: &Arc<Site>) {
        if self.home.is_none() {
            self.home = Some(site.clone());
        }
    }

    /// Lets somebody wait.
    pub(crate) fn wait(&mut self, when: When, site: &Arc<Site>) {
        self.note_home(site);
        self.whens.push(when);
    }

    pub(crate) fn push(&mut self, sending: Box<Sending>, site: &Arc<Site>) {
        self.note_home(site);
        self.waiting.push(sending);
    }

    /// Takes the message out that is sent to this promise, if nothing else waits there.
    #[inline]
    pub(super) fn take_only(&mut self, promise: &Reference) -> Option<Box<Sending>> {
        let Self { home, whens: Few::None, waiting, forward: None } = self else { return None };
        waiting.only().filter(|only| only.to().is(promise))?;
        *home = None;
        waiting.next()
    }
}
