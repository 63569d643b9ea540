//! Random programs on several machines, with faults, against one machine that runs all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Opaque, View};
use marketplace_cluster::{self as cluster, ClusterSim, Config, Faults, Settings};

use crate::stage::{process, topic};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const TOPICS: [&str; 5] = ["y(_, _)", "y(1, _)", "y(_, 2)", "y(1, 2)", "y(2, _)"];
const LEASE: Duration = Duration::from_secs(2);

/// Schedules that have shown something once.
const FOUND: [u64; 1] = [103_843];

/// How many schedules are tried.
fn schedules() -> u64 {
    let asked = std::env::var("CLUSTER_SCHEDULES").ok().and_then(|count| count.parse().ok());
    asked.unwrap_or(if cfg!(debug_assertions) { 60 } else { 10_000 })
}

/// Numbers that a seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as usize
    }
}

/// An event at the tap of a machine.
#[derive(Clone, Debug, PartialEq)]
enum Noted {
    /// The machine was started.
    Started,
    /// The tap of another machine is there, or gone.
    Up(Text),
    Down(Text),
    /// A message: whose, and its number there.
    Heard(Text, u64),
}

/// The peers that an endpoint sees, and how many of each.
type Seen = BTreeMap<String, i64>;

/// The things that are noted outside of all machines.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    taps: BTreeMap<Text, Vec<Noted>>,
    seen: BTreeMap<u64, Seen>,
    wrong: Vec<String>,
}

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An endpoint that notes whom it sees. R33: whoever goes was there.
    fn watching(&self, id: u64, role: Role) -> AddEndpoint<()> {
        let notes = self.clone();
        AddEndpoint::new(role, move |event, turn| {
            let by = match (event.is_presence(), event.is_absence() && !event.is_refusal()) {
                (true, _) => 1,
                (_, true) => -1,
                _ => return turn.act(()),
            };
            let mut written = notes.lock();
            let peer = event.role().to_string();
            let count = written.seen.entry(id).or_default().entry(peer.clone()).or_default();
            *count += by;
            if *count < 0 {
                written.wrong.push(format!("{id} hears an absence of {peer}, which was not there"));
            }
            turn.act(())
        })
    }

    /// A process that notes the messages on its machine, and the taps of others.
    fn tap(&self, name: &Text) -> Spawn<cluster::Gateway> {
        self.note(name, Noted::Started);
        let (hears, sees) = (self.clone(), self.clone());
        let (me, here) = (name.clone(), name.clone());
        let own = topic!(("tap", name.clone()));
        process((
            AddEndpoint::new(Role::subscriber(topic!(("x", _, _))), move |event, turn| {
                if let Some((_, from, number)) = event.decode::<(Text, Text, u64)>() {
                    hears.note(&me, Noted::Heard(from, number));
                }
                turn.act(())
            }),
            AddEndpoint::new(Role::publisher(own), |_, turn| turn.act(())),
            AddEndpoint::new(Role::subscriber(topic!(("tap", _))), move |event, turn| {
                let Some(name) = event.role().field::<Text>(1).filter(|name| *name != here) else {
                    return turn.act(());
                };
                match (event.is_presence(), event.is_absence()) {
                    (true, _) => sees.note(&here, Noted::Up(name)),
                    (_, true) => sees.note(&here, Noted::Down(name)),
                    _ => {}
                }
                turn.act(())
            }),
        ))
    }

    fn note(&self, name: &Text, noted: Noted) {
        self.lock().taps.entry(name.clone()).or_default().push(noted);
    }
}

fn role(random: &mut Random) -> Role {
    let side = [Orientation::Publisher, Orientation::Subscriber][random.below(2)];
    let interest = [
        InterestType::Participant,
        InterestType::Participant,
        InterestType::Observer,
        InterestType::Everything,
    ][random.below(4)];
    Role::new(side, topic(TOPICS[random.below(TOPICS.len())]), interest)
}

/// A schedule: machines, the endpoints that their programs have, and the messages that were sent.
struct Schedule {
    random: Random,
    sim: ClusterSim,
    notes: Notes,
    names: Vec<Text>,
    /// The endpoints that are there: the machine, and the role.
    endpoints: BTreeMap<u64, (Text, Role)>,
    next: u64,
    sent: BTreeMap<Text, u64>,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let names: Vec<Text> = NAMES.iter().take(2 + random.below(4)).map(|name| Text::from(*name)).collect();
        let (mut sim, notes) = (cluster::sim(seed), Notes::default());
        for name in &names {
            let (notes, peers) = (notes.clone(), names.clone());
            sim.start(name.clone(), move |config: Config| {
                let tap = notes.tap(config.name());
                let settings = Settings { lease: LEASE, ..Settings::default() };
                let config = config.peers(peers.clone()).settings(settings);
                let shared = [topic!(("x", _, _)), topic!(("tap", _)), topic("y(_, _)")];
                cluster::join(shared.into_iter().fold(config, Config::share), tap)
            });
        }
        Self { random, sim, notes, names, endpoints: BTreeMap::new(), next: 0, sent: BTreeMap::new() }
    }

    fn some_name(&mut self) -> Text {
        self.names[self.random.below(self.names.len())].clone()
    }

    fn some_endpoint(&mut self) -> Option<(u64, Text)> {
        let at = self.random.below(self.endpoints.len().max(1));
        self.endpoints.iter().nth(at).map(|(id, (name, _))| (*id, name.clone()))
    }

    fn act(&mut self) {
        match self.random.below(20) {
            0..5 => {
                let (name, role) = (self.some_name(), role(&mut self.random));
                self.next += 1;
                let id = self.next;
                let (notes, first) = (self.notes.clone(), role.clone());
                self.endpoints.insert(id, (name.clone(), role));
                // It changes its role, or ends, when it is told to.
                let changes = notes.clone();
                self.sim.at(name).spawn(spawn(move |_| {
                    let told = Role::subscriber(topic!((id, _)));
                    let told = AddEndpoint::new(told, move |event, turn| {
                        let Some((_, role)) = event.decode::<(u64, Value)>() else { return turn.act(()) };
                        match role.view() {
                            View::Opaque(role) => {
                                let role = role.downcast_ref::<Role>().cloned();
                                turn.act(role.map(|role| name_endpoint("it", changes.watching(id, role))))
                            }
                            _ => turn.act(quit().because("bye")),
                        }
                    });
                    Transition::new((), (name_endpoint("it", notes.watching(id, first)), told))
                }));
            }
            5..8 => {
                let role = role(&mut self.random);
                if let Some((id, name)) = self.some_endpoint() {
                    self.endpoints.insert(id, (name.clone(), role.clone()));
                    self.sim.at(name).send(&(id, Value::from(Opaque::new(role))));
                }
            }
            8..10 => {
                if let Some((id, name)) = self.some_endpoint() {
                    self.endpoints.remove(&id);
                    self.sim.at(name).send(&(id, Value::UNIT));
                    self.notes.lock().seen.remove(&id);
                }
            }
            10..16 => {
                for _ in 0..=self.random.below(3) {
                    let name = self.some_name();
                    let number = self.sent.entry(name.clone()).or_default();
                    *number += 1;
                    let number = *number;
                    self.sim.at(name.clone()).send(&(Text::from("x"), name, number));
                }
            }
            16 => {
                let (a, b) = (self.some_name(), self.some_name());
                if a != b {
                    self.sim.cut(a, b);
                }
            }
            17 => self.sim.heal_all(),
            18 => {
                let name = self.some_name();
                let gone: Vec<_> =
                    self.endpoints.iter().filter(|(_, at)| at.0 == name).map(|(id, _)| *id).collect();
                for id in gone {
                    self.endpoints.remove(&id);
                    self.notes.lock().seen.remove(&id);
                }
                self.sim.restart(name);
            }
            _ => {
                let lost = [0, 0, 30, 200][self.random.below(4)];
                let repeated = [0, 100][self.random.below(2)];
                let delay =
                    Duration::from_millis(1)..Duration::from_millis([2, 50, 400][self.random.below(3)]);
                self.sim.set_faults(Faults { lost, repeated, delay });
            }
        }
        let millis = [0, 0, 1, 10, 100, 1000, 3000][self.random.below(7)];
        self.sim.advance(Duration::from_millis(millis as u64));
    }

    /// Lets the network become quiet.
    fn rest(&mut self) {
        self.sim.heal_all();
        self.sim.set_faults(Faults::default());
        self.sim.advance(LEASE * 3);
    }

    /// The presences are those of one network with all endpoints in it.
    fn check_presences(&self) -> Result<(), String> {
        let written = self.notes.lock();
        if let Some(wrong) = written.wrong.first() {
            return Err(wrong.clone());
        }
        let whole = Notes::default();
        let mut sim = Sim::new(|_| transition_no_state!());
        for (id, (_, role)) in &self.endpoints {
            let _ = sim.run_steps(usize::MAX);
            sim.spawn(process(whole.watching(*id, role.clone())));
        }
        sim.run();
        let whole = whole.lock();
        for (id, (name, role)) in &self.endpoints {
            let mut seen = written.seen.get(id).cloned().unwrap_or_default();
            // It sees the gateway of its machine look on.
            if role.interest == InterestType::Everything {
                let eye =
                    Role::new(role.orientation.opposite(), role.topic.clone(), InterestType::Everything);
                *seen.entry(eye.to_string()).or_default() -= 1;
            }
            seen.retain(|_, count| *count != 0);
            let mut expected = whole.seen.get(id).cloned().unwrap_or_default();
            expected.retain(|_, count| *count != 0);
            if seen != expected {
                return Err(format!("{id} at {name}, {role}, sees {seen:?}, but there are {expected:?}"));
            }
        }
        Ok(())
    }

    /// A message that was not heard lies before an absence, here and there.
    fn check_messages(&self) -> Result<(), String> {
        let written = self.notes.lock();
        for (here, noted) in &written.taps {
            let own = |noted: &Noted| matches!(noted, Noted::Heard(from, _) if from == here);
            for there in self.names.iter().filter(|name| *name != here) {
                let Some(heard) = written.taps.get(there) else { continue };
                let number = |noted: &Noted| match noted {
                    Noted::Heard(from, number) if from == here => Some(*number),
                    _ => None,
                };
                // In order, once, and nothing missing between two absences.
                let mut last: Option<u64> = None;
                let (mut gone, mut is_up) = (true, false);
                for noted in heard {
                    match noted {
                        Noted::Started => (gone, is_up) = (true, false),
                        Noted::Up(name) if name == here => is_up = true,
                        Noted::Down(name) if name == here => (gone, is_up) = (true, false),
                        _ => {}
                    }
                    let Some(number) = number(noted) else { continue };
                    let follows = last.is_none_or(|last| number == last + 1 || gone && number > last);
                    if !follows {
                        return Err(format!("{there} hears {number} of {here} after {last:?}"));
                    }
                    // A machine that has no tap yet goes without an absence.
                    (last, gone) = (Some(number), !is_up);
                }
                if !is_up {
                    return Err(format!("{there} does not see {here}"));
                }
                // All that was sent since the last presence has come.
                let came = noted.iter().rposition(|noted| *noted == Noted::Up(there.clone()));
                let since = noted.get(came.unwrap_or(noted.len())..).unwrap_or_default();
                if let Some(sent) = since.iter().rev().find(|noted| own(noted)).and_then(number)
                    && last != Some(sent)
                {
                    return Err(format!(
                        "{here} sent {sent} when {there} was there, which heard {last:?} last"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// C2, C3, C4, C5, C8, R30, R33.
#[test]
fn c5_machines_that_come_to_rest_are_one_network_and_what_was_lost_lies_before_an_absence() {
    let first: u64 = std::env::var("CLUSTER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let seeds: Vec<u64> = FOUND.into_iter().chain(first..first + schedules()).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for seeds in seeds.chunks(seeds.len().div_ceil(cores)) {
            scope.spawn(|| seeds.iter().for_each(|seed| holds(*seed)));
        }
    });
}

fn holds(seed: u64) {
    let mut schedule = Schedule::new(seed);
    for _ in 0..12 + schedule.random.below(20) {
        schedule.act();
    }
    schedule.rest();
    let checked = schedule.check_presences().and_then(|()| schedule.check_messages());
    if let Err(error) = checked {
        panic!("seed {seed}: {error}\n{:#?}", schedule.notes.lock().taps);
    }
}
