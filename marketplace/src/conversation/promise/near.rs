//! Where an object is, noted for the VM in which it is.
//!
//! A message is delivered there without a look at the state of the object, which is locked, and
//! behind a type that the reference does not know: that saves 50 instructions. The note holds
//! until anybody takes hold of the state to change it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::conversation::duct::SiteNumber;
use crate::conversation::pid::OfProcess;
use crate::conversation::promise::OfObject;
use crate::data::slots::Slot;

/// Where an object is that is there, in its VM: its process is there, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    pub(crate) process: Slot<OfProcess>,
    pub(crate) object: Slot<OfObject>,
}

/// A note of where an object is. Only its VM goes by it, and only its VM changes what it says: so
/// no thread reads one half of a note and the other one of another.
pub(super) struct NearNote {
    /// The VM, or no number.
    site: AtomicU32,
    /// Both slots in one word.
    slots: AtomicU64,
}

impl NearNote {
    pub(super) const fn empty() -> Self {
        Self { site: AtomicU32::new(SiteNumber::NONE.number()), slots: AtomicU64::new(0) }
    }

    /// The note for this VM, if there is one, as a word.
    #[inline]
    pub(super) fn word(&self, site: u32) -> Option<u64> {
        let is_noted = site != SiteNumber::NONE.number() && self.site.load(Ordering::Relaxed) == site;
        is_noted.then(|| self.slots.load(Ordering::Relaxed))
    }

    pub(super) fn write(&self, site: SiteNumber, near: Near) {
        self.slots.store(near.into(), Ordering::Relaxed);
        self.site.store(site.number(), Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn clear(&self) {
        self.site.store(SiteNumber::NONE.number(), Ordering::Relaxed);
    }
}

impl From<Near> for u64 {
    fn from(Near { process, object }: Near) -> Self {
        Self::from(process.number()) << 32 | Self::from(object.number())
    }
}

impl From<u64> for Near {
    #[inline]
    fn from(word: u64) -> Self {
        Self { process: Slot::numbered((word >> 32) as u32), object: Slot::numbered(word as u32) }
    }
}

#[test]
fn a_note_is_for_one_vm() {
    let (here, there) = (SiteNumber::fresh(), SiteNumber::fresh());
    let near = Near { process: Slot::numbered(7), object: Slot::numbered(u32::MAX - 1) };
    let note = NearNote::empty();
    assert_eq!(note.word(here.number()), None);
    note.write(here, near);
    assert_eq!(note.word(here.number()).map(Near::from), Some(near));
    assert_eq!(note.word(there.number()), None);
    note.clear();
    assert_eq!(note.word(here.number()), None);
    note.write(SiteNumber::NONE, near);
    assert_eq!(note.word(SiteNumber::NONE.number()), None, "a VM without a number has no notes");
}
