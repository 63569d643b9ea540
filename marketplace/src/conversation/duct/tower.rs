//! The state about ducts that all VMs of a tower share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

use crate::conversation::duct::Loss;
use crate::conversation::duct::classes::Classes;
use crate::data::lock::lock;

/// A ground VM with the VMs in it.
pub(super) struct Tower {
    classes: Mutex<Classes>,
    /// The losses of ducts whose last holder only looked on: an input, perhaps of another thread.
    fallen: Mutex<Vec<Loss>>,
    has_fallen: AtomicBool,
    /// Tells the host that there is something to do.
    bell: OnceLock<Bell>,
}

type Bell = Box<dyn Fn() + Send + Sync>;

impl Tower {
    pub(super) fn new() -> Self {
        Self {
            classes: Mutex::new(Classes::new()),
            fallen: Mutex::new(Vec::new()),
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
        self.has_fallen.store(false, Ordering::Release);
        std::mem::take(&mut lock(&self.fallen))
    }
}
