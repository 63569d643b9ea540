//! Random networks of processes, in three VMs, that pass, keep, hand on, give and end: a small
//! model says who hears what. A process that waits gets an answer, or is told that there will be
//! none as soon as nobody can give one any more, unless a living process just let go of the duct.

use std::collections::BTreeMap;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{Notes, pid};

/// The reaction of a process to a message that is passed to it.
#[derive(Message, Clone, Copy, Debug, PartialEq)]
enum Then {
    Keep,
    Ignore,
    Answer,
    Quit,
    Fail,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Passed(u8, Then);

#[derive(Message, Clone, Debug, PartialEq)]
struct Hand(u8, Duct);

#[derive(Message, Clone, Debug, PartialEq)]
struct Tell(u8, Order);

/// The `kept` are places among the ducts that a process keeps.
#[derive(Message, Clone, Debug, PartialEq)]
enum Order {
    Pass { to: u8, wire: u64, then: Then },
    PassOnto { to: u8, wire: u64, then: Then, kept: u64, keeps: bool },
    Give { kept: u64 },
    GiveAndQuit { kept: u64 },
    Drop { kept: u64 },
    Hand { kept: u64, to: u8 },
    Quit,
    Fail,
}

/// 0 and 1 in the ground VM, 2 and 3 in one VM, 4 and 5 in another.
const WORKERS: u8 = 6;

fn vm(worker: u8) -> Option<u64> {
    (worker >= 2).then(|| 4 + u64::from((worker - 2) / 2))
}

fn own_pid(worker: u8) -> u64 {
    if worker < 2 { 2 + u64::from(worker) } else { 1 + u64::from(worker % 2) }
}

/// Workers with an odd number do not care if no answer comes.
fn cares(worker: u8) -> bool {
    worker.is_multiple_of(2)
}

fn passes<S: Send + 'static>(from: u8, to: u8, wire: u64, then: Then, onto: &Duct) -> ActionTree<S> {
    let there = pid(if vm(from) == vm(to) { own_pid(to) } else { vm(to).unwrap_or(own_pid(to)) });
    let pass = pass(there, wire, &Passed(to, then)).onto(onto);
    if vm(from) == vm(to) || vm(from).is_none() { actions![pass] } else { actions![at_meta_level!(pass)] }
}

fn place(me: u8, notes: &Notes) -> Spawn<()> {
    let worker = worker(me, notes);
    spawn!(worker)
}

fn worker(me: u8, notes: &Notes) -> Transition<Vec<Duct>> {
    let noted = notes.clone();
    let (given, none, back) = (notes.clone(), notes.clone(), notes.clone());
    let cares = cares(me);
    let outside = vm(me).map(|_| at_meta_level!(ear(me)));
    transition!(
        Vec::new(),
        peekable(),
        ear(me),
        outside,
        replies!(
            match_duct!(duct => on_reply!(wire: u64, body: u8 => {
                given.add(format!("{me} gets {wire}"));
                give(&duct, &body)
            })),
            on_reply!(wire: u64, _ => noted.add(format!("{me} gets {wire}"))),
            match_wire!(wire: u64 if cares => match_reason!(reason: Reason =>
                on_duct_absence!(none.add(format!("{me} misses {wire}: {reason}"))))),
            match_duct!(_ if cares => on_duct_absence!(back.add(format!("{me} gave in vain")))),
        ),
    )
}

fn ear(me: u8) -> AddEndpoint<Vec<Duct>> {
    subscriber!(
        _,
        match_duct!(duct => match_state!(mut kept: Vec<Duct> => on_message!(
            Passed(to, Then::Keep) if to == me => {
                kept.push(duct);
                transition!(kept)
            }
        ))),
        match_duct!(duct => on_message!(
            Passed(to, Then::Ignore) if to == me => actions![],
            Passed(to, Then::Answer) if to == me => actions![give(&duct, &me)],
            Passed(to, Then::Quit) if to == me => actions![quit()],
            Passed(to, Then::Fail) if to == me => Err(Failure::value(&Text::from("failed")))?,
        )),
        match_state!(mut kept: Vec<Duct> => on_message!(
            Hand(to, duct) if to == me => {
                kept.push(duct);
                transition!(kept)
            }
            Tell(who, order) if who == me => {
                let done = obey(me, order, &mut kept)?;
                transition!(kept, done)
            }
        )),
    )
}

fn obey(me: u8, order: Order, kept: &mut Vec<Duct>) -> Result<ActionTree<Vec<Duct>>, Failure> {
    Ok(match order {
        Order::Pass { to, wire, then } => passes(me, to, wire, then, &Duct::EMPTY),
        Order::PassOnto { to, wire, then, kept: at, keeps } => {
            let duct = kept[at as usize].clone();
            if !keeps {
                kept.remove(at as usize);
            }
            passes(me, to, wire, then, &duct)
        }
        Order::Give { kept: at } => actions![give(&kept[at as usize], &me)],
        Order::GiveAndQuit { kept: at } => actions![give(&kept[at as usize], &me), quit()],
        Order::Drop { kept: at } => {
            kept.remove(at as usize);
            actions![]
        }
        Order::Hand { kept: at, to } => {
            let hand = Hand(to, kept.remove(at as usize));
            if vm(me).is_some() {
                actions![at_meta_level!(send_message!(hand))]
            } else {
                actions![send_message!(hand)]
            }
        }
        Order::Quit => actions![quit()],
        Order::Fail => return Err(Failure::value(&Text::from("failed"))),
    })
}

/// A process that waits on a duct.
struct Asked {
    by: u8,
    below: Option<u64>,
    over: bool,
}

/// The model. A duct is called by the wire of its top hop.
#[derive(Default)]
struct Model {
    alive: [bool; WORKERS as usize],
    dead_vms: Vec<u64>,
    kept: BTreeMap<u8, Vec<u64>>,
    asked: BTreeMap<u64, Asked>,
    /// The duct that is about to be answered.
    flying: Option<u64>,
    heard: Vec<String>,
    maybe: Vec<String>,
}

impl Model {
    fn new() -> Self {
        Self { alive: [true; WORKERS as usize], ..Self::default() }
    }

    fn lives(&self, worker: u8) -> bool {
        self.alive[worker as usize]
    }

    fn kept(&mut self, worker: u8) -> &mut Vec<u64> {
        self.kept.entry(worker).or_default()
    }

    /// Whether anybody can give on it, now or when an answer has come.
    fn is_good(&self, wire: u64) -> bool {
        self.flying == Some(wire)
            || self.kept.values().flatten().any(|kept| *kept == wire)
            || self.asked.iter().any(|(above, asked)| {
                asked.below == Some(wire) && self.lives(asked.by) && !asked.over && self.is_good(*above)
            })
    }

    /// If nobody can give on it any more, its passer is told; if that does not care, whoever waits
    /// for it is.
    fn lose(&mut self, wire: u64, why: &str) {
        let asked = &self.asked[&wire];
        let (by, below) = (asked.by, asked.below);
        if self.is_good(wire) || asked.over || !self.lives(by) {
            return;
        }
        self.asked.get_mut(&wire).expect("it was asked").over = true;
        if cares(by) {
            self.heard.push(format!("{by} misses {wire}: {why}"));
        } else if let Some(below) = below {
            self.lose(below, why);
        }
    }

    /// It is lost together with the one above it: whoever hears that that one is over gets this one
    /// back, and lets go of it. Whether that is before or after it was lost depends on how far away
    /// it is.
    fn may_be_missed(&mut self, wire: u64, why: &str) {
        let mut next = Some(wire);
        while let Some(wire) = next {
            let asked = &self.asked[&wire];
            self.maybe.push(format!("{} misses {wire}: {why}", asked.by));
            next = asked.below.filter(|_| !cares(asked.by));
        }
    }

    fn end(&mut self, workers: &[u8], why: &str) {
        let waits = |(above, asked): (&u64, &Asked)| {
            let held = workers.contains(&asked.by) && !asked.over && self.is_good(*above);
            asked.below.filter(|_| held)
        };
        let mut lost: Vec<u64> = self.asked.iter().filter_map(waits).collect();
        for worker in workers {
            self.alive[*worker as usize] = false;
            lost.append(self.kept(*worker));
        }
        for wire in &lost {
            let above = |(above, asked): (&u64, &Asked)| asked.below == Some(*wire) && lost.contains(above);
            if self.asked.iter().any(above) {
                self.may_be_missed(*wire, why);
            }
        }
        lost.into_iter().for_each(|wire| self.lose(wire, why));
    }

    fn give(&mut self, by: u8, wire: u64) {
        let asked = &self.asked[&wire];
        let (to, below) = (asked.by, asked.below);
        if self.lives(to) {
            self.heard.push(format!("{to} gets {wire}"));
            if let Some(below) = below {
                self.give(to, below);
            }
        } else if cares(by) {
            self.heard.push(format!("{by} gave in vain"));
        }
    }

    fn pass(&mut self, by: u8, to: u8, wire: u64, then: Then, below: Option<u64>) {
        self.asked.insert(wire, Asked { by, below, over: false });
        if !self.lives(to) {
            let is_there =
                vm(to).is_some_and(|there| vm(by) != Some(there) && !self.dead_vms.contains(&there));
            return self.lose(wire, if is_there { "refused: 'unknown" } else { "gone" });
        }
        match then {
            Then::Keep => self.kept(to).push(wire),
            Then::Ignore => {}
            Then::Answer => self.give(to, wire),
            Then::Quit | Then::Fail => {
                self.kept(to).push(wire);
                self.end(&[to], if matches!(then, Then::Quit) { "normal" } else { "failed" });
            }
        }
    }

    fn perform(&mut self, act: Option<&Act>) {
        match act {
            Some(Act::Tell(who, order)) => self.obey(*who, order),
            Some(Act::KillVm(there)) => {
                self.dead_vms.push(*there);
                let inside = |worker: &u8| vm(*worker) == Some(*there) && self.lives(*worker);
                let inside: Vec<u8> = (0..WORKERS).filter(inside).collect();
                self.end(&inside, "killed");
            }
            None => {}
        }
    }

    fn obey(&mut self, me: u8, order: &Order) {
        match *order {
            Order::Pass { to, wire, then } => self.pass(me, to, wire, then, None),
            Order::PassOnto { to, wire, then, kept, keeps } => {
                let below = self.kept(me)[kept as usize];
                if !keeps {
                    self.kept(me).remove(kept as usize);
                }
                self.pass(me, to, wire, then, Some(below));
            }
            Order::Give { kept } => {
                let wire = self.kept(me)[kept as usize];
                self.give(me, wire);
            }
            Order::GiveAndQuit { kept } => {
                let wire = self.kept(me)[kept as usize];
                let (to, below) = (self.asked[&wire].by, self.asked[&wire].below);
                if self.lives(to) {
                    self.heard.push(format!("{to} gets {wire}"));
                    // The process that hears it goes on when this one has ended.
                    self.flying = below.filter(|_| to != me);
                } else if cares(me) && (vm(me).is_none() || vm(me) == vm(to)) {
                    self.heard.push(format!("{me} gave in vain"));
                }
                self.end(&[me], "normal");
                if let Some(below) = self.flying.take() {
                    self.give(to, below);
                }
            }
            Order::Drop { kept } => drop(self.kept(me).remove(kept as usize)),
            Order::Hand { kept, to } => {
                let wire = self.kept(me).remove(kept as usize);
                if self.lives(to) {
                    self.kept(to).push(wire);
                }
            }
            Order::Quit => self.end(&[me], "normal"),
            Order::Fail => self.end(&[me], "failed"),
        }
    }
}

/// A choice, before it is known what there is to choose from.
type Choice = (u8, Index, Index, Index, bool, Then);

fn choice() -> impl Strategy<Value = Choice> {
    let then = prop_oneof![
        6 => Just(Then::Keep),
        1 => Just(Then::Ignore),
        1 => Just(Then::Answer),
        1 => Just(Then::Quit),
        1 => Just(Then::Fail),
    ];
    (0..20u8, any::<Index>(), any::<Index>(), any::<Index>(), any::<bool>(), then)
}

/// A step of the host.
#[derive(Debug)]
enum Act {
    Tell(u8, Order),
    KillVm(u64),
}

fn act(model: &mut Model, wire: u64, (what, who, kept, to, keeps, then): &Choice) -> Option<Act> {
    let living: Vec<u8> = (0..WORKERS).filter(|worker| model.lives(*worker)).collect();
    if living.is_empty() {
        return None;
    }
    let (me, to) = (living[who.index(living.len())], to.index(WORKERS as usize) as u8);
    if *what == 19 {
        return (*keeps).then(|| vm(me)).flatten().map(Act::KillVm);
    }
    let had = model.kept(me).len();
    let at = || kept.index(had) as u64;
    let order = match what {
        0..=5 => Order::Pass { to, wire, then: *then },
        16 => Order::Quit,
        17 => Order::Fail,
        _ if had == 0 => Order::Pass { to, wire, then: *then },
        6..=9 => Order::PassOnto { to, wire, then: *then, kept: at(), keeps: *keeps },
        10..=12 => Order::Give { kept: at() },
        13 => Order::GiveAndQuit { kept: at() },
        14 => Order::Drop { kept: at() },
        _ => Order::Hand { kept: at(), to },
    };
    Some(Act::Tell(me, order))
}

fn start(notes: &Notes) -> Sim {
    let notes = notes.clone();
    let mut sim = Sim::new(move |_| {
        let (a, b) = (notes.clone(), notes.clone());
        transition_no_state!(
            place(0, &notes),
            place(1, &notes),
            spawn_vm!(at_meta_level!(publisher!("up")), place(2, &a), place(3, &a)),
            spawn_vm!(at_meta_level!(publisher!("up")), place(4, &b), place(5, &b)),
        )
    });
    sim.run();
    sim
}

/// The orders of these choices.
fn told(choices: &[Choice]) -> Vec<String> {
    let mut model = Model::new();
    let mut told = Vec::new();
    for (wire, choice) in choices.iter().enumerate() {
        let act = act(&mut model, wire as u64, choice);
        told.push(format!("{act:?}"));
        model.perform(act.as_ref());
    }
    told
}

/// Plays the choices, each until nothing happens any more; the trace, and what was heard after
/// each.
#[allow(clippy::type_complexity, reason = "what was said and heard")]
fn play(choices: &[Choice], run: impl Fn(&mut Sim)) -> (String, Vec<(Vec<String>, Vec<String>)>) {
    let notes = Notes::default();
    let (mut sim, mut model) = (start(&notes), Model::new());
    let mut heard = Vec::new();
    for (wire, choice) in choices.iter().enumerate() {
        let act = act(&mut model, wire as u64, choice);
        match &act {
            Some(Act::Tell(who, order)) => sim.send(&Tell(*who, order.clone())),
            Some(Act::KillVm(there)) => sim.kill(pid(*there), Reason::Killed(None)),
            None => {}
        }
        model.perform(act.as_ref());
        run(&mut sim);
        let (mut is, mut should) = (notes.take(), std::mem::take(&mut model.heard));
        let maybe = std::mem::take(&mut model.maybe);
        is.retain(|line| !maybe.contains(line));
        should.retain(|line| !maybe.contains(line));
        is.sort();
        should.sort();
        heard.push((is, should));
    }
    (sim.trace().to_string(), heard)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: if cfg!(debug_assertions) { 200 } else { 400 }, ..ProptestConfig::default() })]

    #[test]
    fn everybody_who_waits_hears(choices in proptest::collection::vec(choice(), 1..40)) {
        let (trace, heard) = play(&choices, Sim::run);
        for (at, (is, should)) in heard.iter().enumerate() {
            prop_assert_eq!(is, should, "act {}:\n{}", at, told(&choices[..=at]).join("\n"));
        }
        let stepped = play(&choices, |sim| while sim.step() {});
        let sliced = play(&choices, |sim| while sim.run_steps(3) {});
        prop_assert_eq!(&stepped.0, &trace);
        prop_assert_eq!(&sliced.0, &trace);
        let looked_at = play(&choices, |sim| {
            sim.log_mut().turn_on();
            sim.run();
        });
        prop_assert_eq!(&looked_at.0, &trace);
    }
}
