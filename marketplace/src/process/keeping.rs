//! The objects of a process, and what it waits for, as somebody sees it who looks on.

use std::any::Any;

use crate::conversation::promise::owed::Owed;
use crate::data::reference::WeakReference;
use crate::process::objects::{Objects, On, Plan};
use crate::process::{Kept, KeptSlot, Process};

/// Something that a process keeps.
pub(crate) enum Keeps<'k> {
    /// An object, and its type.
    Object(&'k WeakReference, &'static str),
    /// Something that it will do when a promise is settled, or when an object is gone.
    When {
        kept: KeptSlot,
        on: &'k On,
        only_broken: bool,
        owed: &'k Owed,
        /// The object that it keeps.
        object: Option<&'k WeakReference>,
    },
}

fn when<'k>(plan: &'k Plan, kept: KeptSlot, objects: Option<&'k Objects>) -> Keeps<'k> {
    let Plan { on, only_broken, keeps, owed } = plan;
    let object = objects.and_then(|objects| objects.reference_at(*keeps));
    Keeps::When { kept, on, only_broken: *only_broken, owed, object }
}

impl<S: Send + 'static> Process<S> {
    pub(super) fn show_kept(&self, see: &mut dyn FnMut(Keeps<'_>)) {
        let process = (self as &dyn Any).downcast_ref::<Process<Objects>>();
        let objects = process.and_then(Process::state);
        for (reference, kind) in objects.into_iter().flat_map(Objects::shown) {
            see(Keeps::Object(reference, kind));
        }
        for (kept, thing) in self.kept.entries() {
            match thing {
                Kept::Object(object) => {
                    if let Some(reference) = &object.reference {
                        see(Keeps::Object(reference, "object_of!"));
                    }
                }
                Kept::Pledge(pledge) => see(when(&pledge.plan, kept, objects)),
                Kept::Onward(pledge) => see(when(pledge.plan(), kept, objects)),
                Kept::Resume(_) | Kept::Continuation(_) | Kept::Done(_) | Kept::Held(_) => {}
            }
        }
    }
}
