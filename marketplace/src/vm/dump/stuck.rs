//! Finds the processes that wait for promises which nobody settles. Only debug builds look for
//! them.

use crate::conversation::pid::Pid;
use crate::data::hash::{Map, Set};
use crate::data::reference::Reference;
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};
use crate::process::{Stuck, StuckOn};
use crate::vm::Vm;
use crate::vm::dump::objects::{DumpedDecider, DumpedPlace, DumpedPromise, DumpedWaiter};
use crate::vm::dump::rings::{rings, waited_for};
use crate::vm::dump::sight::Sight;

type ByReference<'p> = Map<&'p Reference, &'p DumpedPromise>;

fn by_reference(promises: &[DumpedPromise]) -> ByReference<'_> {
    promises.iter().map(|promise| (&promise.reference, promise)).collect()
}

impl Vm {
    /// The processes that wait in rings, in this VM and in those in it.
    pub(crate) fn stuck(&self) -> Vec<Stuck> {
        let promises = Sight::of(self).all();
        self.in_rings(&promises, &by_reference(&promises))
    }

    /// The processes that wait in rings; and all that wait in vain when the program ends now.
    pub(crate) fn stuck_at_end(&self) -> Vec<Stuck> {
        let promises = Sight::of(self).all();
        let by_reference = by_reference(&promises);
        let mut found = self.in_rings(&promises, &by_reference);
        self.ends_in(&promises, &by_reference, &mut found);
        found
    }

    /// The processes that wait in rings.
    fn in_rings(&self, promises: &[DumpedPromise], by_reference: &ByReference<'_>) -> Vec<Stuck> {
        let rings = rings(promises);
        let mut found = Vec::new();
        for ring in &rings {
            let places = ring.iter().filter_map(|promise| match &by_reference.get(promise)?.decider {
                DumpedDecider::When { by, .. } => Some((by, self.path_at(by)?)),
                _ => None,
            });
            let places: Vec<_> = places.take(Stuck::MOST_WHO).collect();
            let is_known = |name: &str| places.iter().filter(|(_, other)| other == name).count() > 1;
            let who = places.iter().map(|(DumpedPlace { pid, .. }, name)| match is_known(name) {
                true => format!("{name} ({pid})"),
                false => name.clone(),
            });
            let who: Vec<_> = who.collect();
            if !who.is_empty() {
                found.push(Stuck { who, on: StuckOn::EachOther });
            }
        }
        found
    }

    /// Appends who waits for promises at the ends of whose ways nobody is.
    fn ends_in(&self, promises: &[DumpedPromise], by_reference: &ByReference<'_>, found: &mut Vec<Stuck>) {
        let mut ends: Vec<(&DumpedPromise, Vec<String>)> = Vec::new();
        for promise in promises {
            let who = promise.waits.iter().filter_map(|waits| match waits {
                DumpedWaiter::Process(place) => self.path_at(place),
                _ => None,
            });
            let who: Vec<_> = who.collect();
            let Some(end) = end_of(promise, by_reference).filter(|_| !who.is_empty()) else { continue };
            match ends.iter_mut().find(|(other, _)| other.reference == end.reference) {
                Some((_, others)) => others.extend(who),
                None => ends.push((end, who)),
            }
        }
        for (end, who) in ends {
            let on = match end.is_object {
                true => StuckOn::NeverSpawned { verb: end.first.as_ref().and_then(verb) },
                false => StuckOn::NeverSettled,
            };
            found.extend(named(who.into_iter()).map(|who| Stuck { who, on }));
        }
    }

    fn path_at(&self, place: &DumpedPlace) -> Option<String> {
        let DumpedPlace { vm, pid } = place;
        if self.processes.path == *vm {
            return self.process_called(*pid);
        }
        self.inner_vms().find_map(|vm| vm.path_at(place))
    }

    fn process_called(&self, pid: Pid) -> Option<String> {
        Some(self.processes.path_to(self.processes.find(pid)?))
    }
}

/// The promise for which this one waits in the end, if nobody whom the VM sees settles that.
fn end_of<'p>(
    promise: &'p DumpedPromise,
    by_reference: &Map<&Reference, &'p DumpedPromise>,
) -> Option<&'p DumpedPromise> {
    let (mut end, mut known) = (promise, Set::default());
    while let Some(next) = waited_for(&end.decider) {
        end = by_reference.get(next).filter(|_| known.insert(next))?;
    }
    (end.decider == DumpedDecider::Unseen).then_some(end)
}

/// The first of them, each once. `None` if there is nobody.
fn named(who: impl Iterator<Item = String>) -> Option<Vec<String>> {
    let mut named = Vec::new();
    for one in who {
        if named.len() < Stuck::MOST_WHO && !named.contains(&one) {
            named.push(one);
        }
    }
    (!named.is_empty()).then_some(named)
}

/// The verb of a message.
fn verb(message: &Value) -> Option<Symbol> {
    match message.view() {
        View::Record(label, _) => Some(label.clone()),
        View::Sequence([first, ..]) => match first.view() {
            View::Symbol(verb) => Some(verb.clone()),
            _ => None,
        },
        _ => None,
    }
}
