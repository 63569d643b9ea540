//! Which name each vat has for what.

mod json;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use marketplace::objects::Reference;

use crate::wall::lock;

/// Which name each vat has for what, as `dump()` shows it: one for all vats of a program.
///
/// Its ids have the shape of the original's: vats `v1`, objects `ko20`, promises `kp40`, and in a
/// vat `o+0`, `o-50`, `p+5`, `p-60`. Vats are counted in the order in which they are loaded, their
/// roots in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Tables(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    vats: Vec<VatTable>,
    /// The kernel's names. The references are shown: a table keeps nothing.
    names: HashMap<Reference, Name>,
    promises: BTreeMap<u64, Promise>,
    /// How many objects and promises ever had a name.
    objects: u64,
    promises_ever: u64,
    run_queue: String,
    /// There are vats whose roots have no name yet.
    has_unnamed: bool,
}

/// Counters start at different numbers, so that the kinds are not confused.
const FIRST_OBJECT: u64 = 20;
const FIRST_PROMISE: u64 = 40;

#[derive(Debug)]
struct VatTable {
    name: String,
    /// Its root, until it has a name of the kernel's.
    root: Option<Reference>,
    slots: BTreeMap<String, Reference>,
}

/// A name of the kernel's, and how many vats have one of their own for the same.
#[derive(Debug)]
struct Name {
    number: u64,
    is_promise: bool,
    vats: usize,
}

impl Name {
    fn text(&self) -> String {
        format!("{}{}", if self.is_promise { "kp" } else { "ko" }, self.number)
    }
}

#[derive(Debug, Default)]
struct Promise {
    decider: Option<usize>,
    subscribers: BTreeSet<usize>,
    settled: Option<(&'static str, String)>,
}

/// A vat, by its place in the order of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VatId(usize);

impl VatId {
    fn text(self) -> String {
        format!("v{}", self.0 + 1)
    }
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
    /// Its value, if it is settled: a slot, or data.
    pub resolution: Option<String>,
}

impl Tables {
    /// The rows `[kernelSlot, vatID, vatSlot]`, sorted.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; 3]> {
        let mut state = self.state();
        state.name_roots();
        let mut rows = Vec::new();
        for (at, vat) in state.vats.iter().enumerate() {
            for (slot, reference) in &vat.slots {
                let name = state.names.get(reference).map(Name::text).unwrap_or_default();
                rows.push([name, VatId(at).text(), slot.clone()]);
            }
        }
        rows.sort();
        rows
    }

    /// The promises that vats have names for, in the order of their ids.
    #[must_use]
    pub fn promises(&self) -> Vec<PromiseRow> {
        let state = self.state();
        let rows = state.promises.iter().map(|(number, promise)| PromiseRow {
            id: format!("kp{number}"),
            state: promise.settled.as_ref().map_or("unresolved", |(state, _)| state),
            decider: promise.decider.map(|vat| VatId(vat).text()),
            subscribers: promise.subscribers.iter().map(|vat| VatId(*vat).text()).collect(),
            resolution: promise.settled.as_ref().map(|(_, resolution)| resolution.clone()),
        });
        rows.collect()
    }

    /// The name of a reference, such as `ko20`, if a vat has one for it.
    #[must_use]
    pub fn name_of(&self, reference: &Reference) -> Option<String> {
        let mut state = self.state();
        state.name_roots();
        state.names.get(reference).map(Name::text)
    }

    /// The id of the vat with this name, such as `v1`.
    #[must_use]
    pub fn vat_id(&self, name: &str) -> Option<String> {
        self.state().vats.iter().position(|vat| vat.name == name).map(|at| VatId(at).text())
    }

    /// Says what the run queue is, as JSON, for `dump()` in the next line of a shell. Before each
    /// line that is given to a shell's vat.
    pub fn set_run_queue(&self, json: String) {
        self.state().run_queue = json;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    pub(crate) fn add_vat(&self, name: &str, root: &Reference) -> VatId {
        let mut state = self.state();
        let slots = BTreeMap::new();
        state.has_unnamed = true;
        state.vats.push(VatTable { name: name.into(), root: Some(root.shown()), slots });
        VatId(state.vats.len() - 1)
    }

    /// A vat has a name for something.
    pub(crate) fn bind(&self, vat: VatId, slot: &str, reference: &Reference) {
        let mut state = self.state();
        state.name_roots();
        state.bind(vat.0, slot, reference);
    }

    /// A vat speaks of something no more.
    pub(crate) fn unbind(&self, vat: VatId, slot: &str) {
        let mut state = self.state();
        let Some(reference) = state.vats[vat.0].slots.remove(slot) else { return };
        let Some(name) = state.names.get_mut(&reference) else { return };
        name.vats -= 1;
        if name.vats == 0 {
            let (number, is_promise) = (name.number, name.is_promise);
            state.names.remove(&reference);
            if is_promise {
                state.promises.remove(&number);
            }
        }
    }

    /// A vat has ended.
    pub(crate) fn end(&self, vat: VatId) {
        let slots: Vec<_> = self.state().vats[vat.0].slots.keys().cloned().collect();
        for slot in slots {
            self.unbind(vat, &slot);
        }
    }

    pub(crate) fn decides(&self, vat: VatId, promise: &Reference, decides: bool) {
        self.on_promise(promise, |promise| promise.decider = decides.then_some(vat.0));
    }

    pub(crate) fn subscribe(&self, vat: VatId, promise: &Reference, waits: bool) {
        self.on_promise(promise, |promise| {
            if waits {
                promise.subscribers.insert(vat.0);
            } else {
                promise.subscribers.remove(&vat.0);
            }
        });
    }

    pub(crate) fn settle(&self, promise: &Reference, state: &'static str, resolution: String) {
        self.on_promise(promise, |promise| {
            promise.decider = None;
            promise.settled = Some((state, resolution));
        });
    }

    fn on_promise(&self, promise: &Reference, work: impl FnOnce(&mut Promise)) {
        let mut state = self.state();
        let Some(&Name { number, is_promise: true, .. }) = state.names.get(promise) else { return };
        if let Some(promise) = state.promises.get_mut(&number) {
            work(promise);
        }
    }
}

impl State {
    /// Names the roots that have no name yet, in the order of the names of their vats.
    fn name_roots(&mut self) {
        if !std::mem::take(&mut self.has_unnamed) {
            return;
        }
        let mut unnamed: Vec<_> = self
            .vats
            .iter_mut()
            .enumerate()
            .filter_map(|(at, vat)| vat.root.take().map(|root| (vat.name.clone(), at, root)))
            .collect();
        unnamed.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, at, root) in unnamed {
            self.bind(at, "o+0", &root);
        }
    }

    fn bind(&mut self, vat: usize, slot: &str, reference: &Reference) {
        let is_promise = slot.starts_with('p');
        let shown = reference.shown();
        if self.vats[vat].slots.insert(slot.into(), shown.clone()).is_some() {
            return;
        }
        if let Some(name) = self.names.get_mut(&shown) {
            name.vats += 1;
            return;
        }
        let counted = if is_promise { self.promises_ever } else { self.objects };
        let number = counted + if is_promise { FIRST_PROMISE } else { FIRST_OBJECT };
        if is_promise {
            self.promises_ever += 1;
            self.promises.insert(number, Promise::default());
        } else {
            self.objects += 1;
        }
        self.names.insert(shown, Name { number, is_promise, vats: 1 });
    }
}
