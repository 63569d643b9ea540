//! Which name each vat has for what.

use std::sync::{Arc, Mutex};

use marketplace::objects::Reference;

/// Which name each vat has for what, as `dump()` shows it: one for all vats of a program.
///
/// Its ids have the shape of the original's: vats `v1`, objects `ko20`, promises `kp40`, and in a
/// vat `o+0`, `o-50`, `p+5`, `p-60`. Vats are counted in the order in which they are loaded, their
/// roots in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Tables(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    run_queue: String,
}

/// A promise that a vat has a name for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PromiseRow {
    /// Such as `kp40`.
    pub id: String,
    /// `unresolved`, `fulfilledToPresence`, `fulfilledToData`, `rejected`.
    pub state: &'static str,
    /// The vat that is to settle it, if one is.
    pub decider: Option<String>,
    /// The vats that wait for it.
    pub subscribers: Vec<String>,
    /// What it is settled with, if it is: a slot, or data.
    pub resolution: Option<String>,
}

impl Tables {
    /// The rows `[kernelSlot, vatID, vatSlot]`, sorted.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; 3]> {
        Vec::new()
    }

    /// The promises that vats have names for, in the order of their ids.
    #[must_use]
    pub fn promises(&self) -> Vec<PromiseRow> {
        Vec::new()
    }

    /// The name of a reference, such as `ko20`, if a vat has one for it.
    #[must_use]
    pub fn name_of(&self, _reference: &Reference) -> Option<String> {
        None
    }

    /// The id of the vat with this name, such as `v1`.
    #[must_use]
    pub fn vat_id(&self, _name: &str) -> Option<String> {
        None
    }

    /// Says what the run queue is, as JSON, for `dump()` in the next line of a shell. Before each
    /// line that is given to a shell's vat.
    pub fn set_run_queue(&self, json: String) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).run_queue = json;
    }
}
