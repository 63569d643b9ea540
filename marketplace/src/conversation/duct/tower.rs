//! The state about ducts that all VMs of a tower share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

use crate::conversation::duct::Loss;
use crate::conversation::duct::classes::Classes;
use crate::conversation::promise::falling::Fallen;
use crate::data::lock::lock;
use crate::data::numbers::TowerId;

/// A ground VM with the VMs in it.
pub(super) struct Tower {
    pub(super) id: TowerId,
    classes: Mutex<Classes>,
    /// The losses of ducts whose last holder only looked on: an input, perhaps of another thread.
    fallen: Mutex<Vec<Loss>>,
    /// The references that fell on a thread which did not turn the tower: an input, too.
    /// `None` once the tower has ended.
    references: Mutex<Option<Vec<Fallen>>>,
    has_fallen: AtomicBool,
    /// Tells the host that there is something to do.
    bell: OnceLock<Bell>,
}

type Bell = Box<dyn Fn() + Send + Sync>;

impl Tower {
    pub(super) fn new(id: TowerId) -> Self {
        Self {
            id,
            classes: Mutex::new(Classes::new()),
            fallen: Mutex::new(Vec::new()),
            references: Mutex::new(Some(Vec::new())),
            has_fallen: AtomicBool::new(false),
            bell: OnceLock::new(),
        }
    }

    pub(super) fn classes(&self) -> MutexGuard<'_, Classes> {
        lock(&self.classes)
    }

    #[cfg(feature = "tokio")]
    pub(super) fn set_bell(&self, bell: Bell) {
        // A tower has one host.
        let _ = self.bell.set(bell);
    }

    pub(super) fn fall(&self, loss: Loss) {
        lock(&self.fallen).push(loss);
        self.ring();
    }

    pub(super) fn let_fall(&self, fallen: Fallen) {
        if let Some(references) = &mut *lock(&self.references) {
            references.push(fallen);
        } else {
            return fallen.alone();
        }
        self.ring();
    }

    /// The tower has ended: what falls from now on is of no account.
    pub(super) fn close(&self) {
        let references = lock(&self.references).take();
        references.into_iter().flatten().for_each(Fallen::alone);
    }

    fn ring(&self) {
        self.has_fallen.store(true, Ordering::Release);
        if let Some(bell) = self.bell.get() {
            bell();
        }
    }

    #[inline]
    pub(super) fn has_fallen(&self) -> bool {
        self.has_fallen.load(Ordering::Acquire)
    }

    pub(super) fn take_fallen(&self) -> Vec<Loss> {
        let references = lock(&self.references);
        let some = references.as_ref().is_some_and(|references| !references.is_empty());
        self.has_fallen.store(some, Ordering::Release);
        std::mem::take(&mut lock(&self.fallen))
    }

    pub(super) fn take_fallen_references(&self) -> Vec<Fallen> {
        lock(&self.references).as_mut().map(std::mem::take).unwrap_or_default()
    }
}
