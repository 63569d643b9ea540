//! The things that a walk has found, as each VM sees them.

use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::conversation::promise::line::Line;
use crate::conversation::promise::when::{Waiter, When};
use crate::conversation::promise::{Draining, Open, PromiseState};
use crate::data::hash::Map;
use crate::data::reference::{Reference, ReferenceId};
use crate::vm::Vm;
use crate::vm::dump::NAMED;
use crate::vm::dump::objects::{DumpedDecider, DumpedObject, DumpedPlace, DumpedPromise, DumpedWaiter};
use crate::vm::dump::walk::{Decides, Found, Handles, Waits, Walk, What, place_of};

/// How many promises are looked at to find those that nobody settles.
#[cfg(debug_assertions)]
const MOST: usize = 1_000;

/// The objects and promises of a tower, as its VMs see them.
pub(super) struct Sight {
    walk: Walk,
    /// The promises that each VM sees, and the objects that are not there yet.
    of_vms: Map<Arc<[Pid]>, Vec<ReferenceId>>,
    /// The processes that wait where nothing has led the walk.
    out_of_sight: Map<ReferenceId, Vec<DumpedPlace>>,
}

impl Sight {
    /// The sight of a VM, and of all VMs in it.
    pub(super) fn of(vm: &Vm) -> Self {
        let walk = Walk::over(vm);
        let mut of_vms: Map<_, Vec<_>> = Map::default();
        let mut out_of_sight: Map<_, Vec<_>> = Map::default();
        let open = open_in(&walk.found);
        for id in open.keys() {
            for vm in walk.found.get(id).into_iter().flat_map(|found| &found.vms) {
                of_vms.entry(vm.clone()).or_default().push(*id);
            }
        }
        for (waits, id) in &walk.waiting {
            if !walk.waits_at.contains_key(waits) && !open.contains_key(id) {
                let (vm, pid, _) = waits;
                out_of_sight.entry(*id).or_default().push(DumpedPlace { vm: vm.clone(), pid: *pid });
                of_vms.entry(vm.clone()).or_default().push(*id);
            }
        }
        for promises in of_vms.values_mut() {
            promises.sort_unstable();
            promises.dedup();
        }
        out_of_sight.values_mut().for_each(|places| places.sort());
        Self { walk, of_vms, out_of_sight }
    }

    /// An object of this type, which so many handles hold.
    pub(super) fn object(&self, id: ReferenceId, kind: &'static str, held: usize) -> DumpedObject {
        let handles = self.walk.handles.get(&id).copied().unwrap_or_default();
        let Handles { queued, promised, named, waits } = handles;
        DumpedObject { reference: self.shown(id), kind, held, queued, promised, named, waits }
    }

    /// How many promises this VM sees, and objects that are not there yet.
    pub(super) fn count(&self, vm: &Arc<[Pid]>) -> usize {
        self.of_vms.get(vm).map_or(0, Vec::len)
    }

    /// The first of them.
    pub(super) fn promises(&self, vm: &Arc<[Pid]>) -> Vec<DumpedPromise> {
        let first = self.of_vms.get(vm).into_iter().flatten().take(NAMED);
        first.map(|id| self.promise(*id)).collect()
    }

    /// The first promises that any of the VMs sees, each once, by number.
    #[cfg(debug_assertions)]
    pub(super) fn all(&self) -> Vec<DumpedPromise> {
        let mut all: Vec<_> = self.of_vms.values().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().take(MOST).map(|id| self.promise(id)).collect()
    }

    fn promise(&self, id: ReferenceId) -> DumpedPromise {
        match self.walk.found.get(&id) {
            Some(found @ Found { what: What::Promise(promise), .. }) => self.seen(promise, found),
            _ => self.unseen(id),
        }
    }

    /// A promise of which only those are known who wait there.
    fn unseen(&self, id: ReferenceId) -> DumpedPromise {
        let places = self.out_of_sight.get(&id).map_or(&[][..], Vec::as_slice);
        DumpedPromise {
            reference: self.shown(id),
            is_object: false,
            in_sight: false,
            decider: DumpedDecider::Unseen,
            waiters: places.len(),
            waits: places.iter().take(NAMED).cloned().map(DumpedWaiter::Process).collect(),
            messages: 0,
            first: None,
        }
    }

    fn seen(&self, promise: &Reference, found: &Found) -> DumpedPromise {
        let mut dumped = DumpedPromise {
            reference: promise.shown(),
            is_object: promise.is_object(),
            in_sight: true,
            ..self.unseen(promise.id())
        };
        dumped.waits.extend(found.waiter.iter().map(process));
        dumped.waiters += dumped.waits.len();
        let mut waits_at = |whens: &[When], waiting: &Line| {
            dumped.waits.extend(whens.iter().filter_map(waiter).take(NAMED));
            dumped.waiters += whens.iter().filter(|when| !is_over(when)).count();
            dumped.messages = waiting.len();
            dumped.first = waiting.first().map(|sending| sending.body().seen());
        };
        let decider = match promise.state().as_deref() {
            Some(PromiseState::Open(Open { whens, waiting, forward, .. })) => {
                waits_at(whens.as_slice(), waiting);
                forward.as_ref().map(|here| DumpedDecider::Forwarded(here.shown()))
            }
            Some(PromiseState::Draining(draining)) => {
                let Draining { to, waiting, whens } = &**draining;
                waits_at(whens.as_slice(), waiting);
                let to = to.as_ref().map_or_else(|_| promise.shown(), Reference::shown);
                Some(DumpedDecider::Drains(to))
            }
            Some(PromiseState::Settled(value)) => {
                value.as_reference().map(|next| DumpedDecider::Follows(next.shown()))
            }
            _ => None,
        };
        // This looks into other promises, perhaps into this one again: its state is not locked.
        let decider = decider.or_else(|| found.decider.as_ref().map(|who| self.decider(who)));
        dumped.decider = decider.unwrap_or(DumpedDecider::Unseen);
        let mut followers = found.followers.clone();
        followers.sort_unstable();
        dumped.waiters += followers.len();
        let room = NAMED.saturating_sub(dumped.waits.len());
        let followers = followers.into_iter().take(room);
        dumped.waits.extend(followers.map(|id| DumpedWaiter::Promise(self.shown(id))));
        dumped
    }

    fn decider(&self, who: &Decides) -> DumpedDecider {
        match who {
            Decides::Message(to) => DumpedDecider::Message { to: self.shown(*to), by: self.place_of(*to) },
            Decides::Waiting(at) => DumpedDecider::Waiting(self.shown(*at)),
            Decides::Answer => DumpedDecider::Answer,
            Decides::When(waits) => {
                let (vm, pid, _) = waits;
                let by = DumpedPlace { vm: vm.clone(), pid: *pid };
                DumpedDecider::When { by, on: self.waits_for(waits).map(|id| self.shown(id)) }
            }
            Decides::Several { missing } => DumpedDecider::Several { missing: *missing },
            Decides::Arrives(place) => DumpedDecider::Arrives(place.clone()),
        }
    }

    /// The promise for which a process waits.
    fn waits_for(&self, waits: &Waits) -> Option<ReferenceId> {
        let began = || self.walk.waiting.iter().find(|(other, _)| other == waits).map(|(_, id)| id);
        let known = self.walk.waits_at.get(waits).or_else(|| self.walk.wanted.get(waits));
        known.or_else(began).copied().filter(|id| *id != ReferenceId::NONE)
    }

    /// Where the object is with which this is settled, as far as the walk has been there.
    fn place_of(&self, mut id: ReferenceId) -> Option<DumpedPlace> {
        for _ in 0..NAMED {
            match &self.walk.found.get(&id)?.what {
                What::Object(place) => return Some(place.clone()),
                What::Promise(promise) => match promise.state().as_deref() {
                    Some(PromiseState::Settled(value)) => id = value.as_reference()?.id(),
                    Some(PromiseState::Open(Open { forward: Some(here), .. })) => id = here.id(),
                    _ => return None,
                },
                What::Over => return None,
            }
        }
        None
    }

    fn shown(&self, id: ReferenceId) -> Reference {
        Reference::shown_as(id, self.walk.tower)
    }
}

/// The promises that are not settled, and those that follow them.
fn open_in(found: &Map<ReferenceId, Found>) -> Map<ReferenceId, ()> {
    let is_open = |found: &Found| match &found.what {
        What::Promise(promise) => {
            matches!(promise.state().as_deref(), Some(PromiseState::Open(_) | PromiseState::Draining(_)))
        }
        What::Object(_) | What::Over => false,
    };
    let mut agenda: Vec<_> = found.iter().filter(|(_, found)| is_open(found)).map(|(id, _)| *id).collect();
    let mut open = Map::default();
    while let Some(id) = agenda.pop() {
        if open.insert(id, ()).is_none()
            && let Some(found) = found.get(&id)
        {
            agenda.extend(&found.followers);
        }
    }
    open
}

/// Whether nobody hears any more what the promise gives: of several, enough are settled.
fn is_over(when: &When) -> bool {
    matches!(when, When::Gathering(gathering, _) if gathering.is_over())
}

fn waiter(when: &When) -> Option<DumpedWaiter> {
    Some(match when {
        When::Process(waiter) => process(waiter),
        When::Gathering(gathering, _) => DumpedWaiter::Promise(gathering.promise()?.shown()),
        When::Duct(duct) => match duct.promised() {
            Some((promise, _)) => DumpedWaiter::Promise(promise.shown()),
            None => DumpedWaiter::Duct(duct.top().and_then(|(hop, _)| place_of(&hop.to))),
        },
        When::Host(_) => DumpedWaiter::Host,
    })
}

fn process(Waiter { site, pid, .. }: &Waiter) -> DumpedWaiter {
    DumpedWaiter::Process(DumpedPlace { vm: site.vm().clone(), pid: *pid })
}
