//! The engine in memory: a network that delays, loses, repeats and cuts, as a seed says.

mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;

use self::random::Random;
use crate::engine::{Engine, EngineEvent, Sending};

/// The faults of the network between machines.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// How many packets in a thousand are lost.
    pub lost: u32,
    /// How many packets in a thousand come twice.
    pub repeated: u32,
    /// How long a packet is under way. Packets between two machines stay in order.
    pub delay: Range<Duration>,
}

impl Default for Faults {
    /// None: each packet is under way for 1 to 5 ms.
    fn default() -> Self {
        Self { lost: 0, repeated: 0, delay: Duration::from_millis(1)..Duration::from_millis(5) }
    }
}

/// A machine: its name and epoch.
type Vm = (Text, u64);

/// The network, with a clock that whoever has it moves.
#[derive(Clone)]
pub(crate) struct Memory(Arc<Mutex<Network>>);

struct Network {
    now: Duration,
    random: Random,
    faults: Faults,
    ports: BTreeMap<Vm, Inbox>,
    /// Pairs of places between which there is no way.
    cuts: BTreeSet<(Text, Text)>,
    /// The number of the event that came last.
    last: u64,
}

/// The events that are on their way to a machine.
#[derive(Default)]
struct Inbox {
    /// Where it is.
    place: Text,
    events: BTreeMap<(Duration, u64), EngineEvent>,
    /// When the last event about a machine arrives: later ones do not overtake it.
    order: BTreeMap<Vm, Duration>,
    /// The machines to which there is a way, as far as it has been told.
    known: BTreeMap<Vm, Text>,
}

impl Memory {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Network {
            now: Duration::ZERO,
            random: Random::new(seed),
            faults: Faults::default(),
            ports: BTreeMap::new(),
            cuts: BTreeSet::new(),
            last: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Network> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_now(&self, now: Duration) {
        self.lock().now = now;
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        self.lock().faults = faults;
    }

    /// The engine of a machine that starts now, at this place.
    pub(crate) fn port(&self, place: &Text) -> Port {
        Port { memory: self.clone(), place: place.clone(), vm: None, started: self.lock().now }
    }

    /// There is no way between these two places any more. The seed says whether they are told: if
    /// they are not, nothing comes, and that is all.
    pub(crate) fn cut(&self, a: &Text, b: &Text) {
        let mut network = self.lock();
        if !network.cuts.insert(pair(a, b)) {
            return;
        }
        let told = network.random.below(2) == 0;
        for (here, there) in network.between(a, b) {
            if let Some(inbox) = network.ports.get_mut(&here) {
                inbox.events.retain(|_, event| !is_from(event, &there));
                if told && inbox.known.remove(&there).is_some() {
                    network.send_event(&here, &there, EngineEvent::Down(there.0.clone(), there.1));
                }
            }
        }
    }

    /// There is a way between these two places again.
    pub(crate) fn heal(&self, a: &Text, b: &Text) {
        let mut network = self.lock();
        if network.cuts.remove(&pair(a, b)) {
            for (here, there) in network.between(a, b) {
                network.introduce(&here, &there);
            }
            network.forget_closed();
        }
    }

    pub(crate) fn cuts(&self) -> Vec<(Text, Text)> {
        self.lock().cuts.iter().cloned().collect()
    }
}

impl Network {
    /// The open machines at two places, each with one at the other.
    fn between(&self, a: &Text, b: &Text) -> Vec<(Vm, Vm)> {
        let of = |place: &Text| {
            let there = self.ports.iter().filter(|(_, inbox)| inbox.place == *place);
            there.map(|(vm, _)| vm.clone()).collect::<Vec<_>>()
        };
        let (these, those) = (of(a), of(b));
        let pairs = these.iter().flat_map(|x| those.iter().map(move |y| (x.clone(), y.clone())));
        pairs.flat_map(|(x, y)| [(x.clone(), y.clone()), (y, x)]).collect()
    }

    fn is_cut(&self, a: &Vm, b: &Vm) -> bool {
        let place = |vm| self.ports.get(vm).map(|inbox| &inbox.place);
        let (Some(a), Some(b)) = (place(a), place(b)) else { return false };
        self.cuts.contains(&pair(a, b))
    }

    /// Tells a machine of another to which it has a way.
    fn introduce(&mut self, here: &Vm, there: &Vm) {
        let Some(place) = self.ports.get(there).map(|inbox| inbox.place.clone()) else { return };
        let Some(inbox) = self.ports.get_mut(here) else { return };
        if inbox.known.insert(there.clone(), place).is_none() {
            self.send_event(here, there, EngineEvent::Up(there.0.clone(), there.1));
        }
    }

    /// Tells machines of those that have closed, as far as there is a way.
    fn forget_closed(&mut self) {
        let open: BTreeSet<_> = self.ports.keys().cloned().collect();
        for here in &open {
            let Some(inbox) = self.ports.get(here) else { continue };
            let closed = inbox.known.iter().filter(|(there, _)| !open.contains(*there));
            let reached = closed.filter(|(_, place)| !self.cuts.contains(&pair(&inbox.place, place)));
            for there in reached.map(|(there, _)| there.clone()).collect::<Vec<_>>() {
                if let Some(inbox) = self.ports.get_mut(here) {
                    inbox.known.remove(&there);
                }
                self.send_event(here, &there, EngineEvent::Down(there.0.clone(), there.1));
            }
        }
    }

    /// An event about a machine, when it has been under way.
    fn send_event(&mut self, here: &Vm, there: &Vm, event: EngineEvent) {
        let Range { start, end } = self.faults.delay.clone();
        let span = end.saturating_sub(start).as_micros() as u64;
        // Nothing takes no time: so all that happens at one time is known before time passes.
        let delay =
            (start + Duration::from_micros(self.random.below(span + 1))).max(Duration::from_micros(1));
        let (at, number) = (self.now + delay, self.last + 1);
        let Some(inbox) = self.ports.get_mut(here) else { return };
        let order = inbox.order.entry(there.clone()).or_default();
        *order = at.max(*order);
        inbox.events.insert((*order, number), event);
        self.last = number;
    }

    fn carry(&mut self, from: &Vm, to: &Vm, packet: &Bytes) {
        let chance = |random: &mut Random, of: u32| random.below(1000) < u64::from(of);
        if self.is_cut(from, to) || chance(&mut self.random, self.faults.lost) {
            return;
        }
        let event = EngineEvent::From(from.0.clone(), from.1, packet.clone());
        if chance(&mut self.random, self.faults.repeated) {
            self.send_event(to, from, event.clone());
        }
        self.send_event(to, from, event);
    }
}

/// The engine of one machine.
pub(crate) struct Port {
    memory: Memory,
    place: Text,
    vm: Option<Vm>,
    /// When its sim started.
    started: Duration,
}

impl Engine for Port {
    fn open(&mut self, name: &Text, epoch: u64) {
        let vm = (name.clone(), epoch);
        let mut network = self.memory.lock();
        let others: Vec<_> = network.ports.keys().cloned().collect();
        network.ports.insert(vm.clone(), Inbox { place: self.place.clone(), ..Inbox::default() });
        for other in others.into_iter().filter(|other| !network.is_cut(&vm, other)).collect::<Vec<_>>() {
            network.introduce(&other, &vm);
            network.introduce(&vm, &other);
        }
        self.vm = Some(vm);
    }

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        if let Some(vm) = &self.vm {
            self.memory.lock().carry(vm, &(to.clone(), epoch), packet);
        }
        Sending::Taken
    }

    fn poll_event(&mut self, _: &mut Context<'_>) -> Poll<EngineEvent> {
        let mut network = self.memory.lock();
        let now = network.now;
        let inbox = self.vm.as_ref().and_then(|vm| network.ports.get_mut(vm));
        let first = inbox.and_then(|inbox| inbox.events.first_entry());
        match first.filter(|first| first.key().0 <= now) {
            Some(first) => Poll::Ready(first.remove()),
            None => Poll::Pending,
        }
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if let Some(vm) = self.vm.take() {
            let mut network = self.memory.lock();
            network.ports.remove(&vm);
            network.forget_closed();
        }
        Poll::Ready(())
    }

    fn stand_in(&self) -> Option<Box<dyn Engine>> {
        Some(Box::new(Self {
            memory: self.memory.clone(),
            place: self.place.clone(),
            vm: None,
            started: self.started,
        }))
    }

    fn due(&self) -> Option<Duration> {
        let network = self.memory.lock();
        let (at, _) = network.ports.get(self.vm.as_ref()?)?.events.first_key_value()?.0;
        Some(at.saturating_sub(self.started))
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        let _ = self.poll_close(&mut Context::from_waker(Waker::noop()));
    }
}

fn is_from(event: &EngineEvent, vm: &Vm) -> bool {
    matches!(event, EngineEvent::From(name, epoch, _) if (name, epoch) == (&vm.0, &vm.1))
}

fn pair(a: &Text, b: &Text) -> (Text, Text) {
    if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
}
