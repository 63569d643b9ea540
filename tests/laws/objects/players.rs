//! Players do what a program tells them, with what they have in their hands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use marketplace::__private::Heard;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use super::programs::{Answer, Op, Program, Step, VMS, Want};

/// A note that a player has sent.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) process: usize,
    pub(super) to: String,
    /// The promise by which the sender knows the object.
    pub(super) learned: Option<String>,
    pub(super) answer: Answer,
    /// The promise of the answer.
    pub(super) promise: String,
    /// The player that has heard it.
    pub(super) heard: Vec<usize>,
}

/// A `when`, or a `when_broken`.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    pub(super) process: usize,
    /// The note for whose answer it waits.
    pub(super) note: Option<usize>,
    pub(super) called: Vec<String>,
    pub(super) is_watch: bool,
    pub(super) is_kept: bool,
}

/// A player, as its test sees it.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) process: usize,
    pub(super) is_alive: bool,
    pub(super) reference: String,
    pub(super) hands: Vec<String>,
}

/// The test knows this of a run.
#[derive(Default)]
pub(super) struct Ledger {
    ops: Vec<Op>,
    pub(super) lives: Vec<Life>,
    pub(super) notes: Vec<Note>,
    pub(super) waits: Vec<Wait>,
    /// The VM of each process.
    pub(super) processes: Vec<usize>,
    pub(super) gone: BTreeSet<usize>,
    /// The promise that each settling is about, by the number of what was told to do.
    pub(super) settles: BTreeMap<usize, String>,
    /// Each forwarded promise, and what hears for it.
    pub(super) forwarded: BTreeMap<String, String>,
    pub(super) closed: BTreeSet<String>,
    /// The references of the host, and all players.
    host: Vec<(usize, Far<Player>)>,
    known: Vec<WeakFar<Player>>,
}

#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<Ledger>>);

impl World {
    pub(super) fn with<R>(&self, look: impl FnOnce(&mut Ledger) -> R) -> R {
        look(&mut self.0.lock().unwrap())
    }

    fn new_process(&self, vm: usize) -> usize {
        self.with(|ledger| {
            ledger.processes.push(vm);
            ledger.processes.len() - 1
        })
    }

    fn new_player(&self, process: usize) -> Player {
        let number = self.with(|ledger| {
            let (reference, hands) = (String::new(), Vec::new());
            ledger.lives.push(Life { process, is_alive: true, reference, hands });
            ledger.lives.len() - 1
        });
        let bell = Bell(self.clone(), number);
        Player { world: self.clone(), number, process, hands: Vec::new(), resolvers: Vec::new(), _bell: bell }
    }

    fn note_reference(&self, number: usize, far: &Far<Player>) {
        self.with(|ledger| {
            ledger.lives[number].reference = format!("{far:?}");
            ledger.known.push(weak(far));
        });
    }
}

/// Notes that a player is dropped.
struct Bell(World, usize);

impl Drop for Bell {
    fn drop(&mut self) {
        self.0.with(|ledger| ledger.lives[self.1].is_alive = false);
    }
}

/// Notes that what waits is dropped, whether it was called or not.
struct Kept(World, usize);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.with(|ledger| ledger.waits[self.1].is_kept = false);
    }
}

pub(super) struct Player {
    world: World,
    number: usize,
    process: usize,
    hands: Vec<Value>,
    resolvers: Vec<(String, Resolver<Value>)>,
    _bell: Bell,
}

/// The number that a reference shows.
fn number_of(reference: &str) -> u64 {
    reference.trim_start_matches("ref#").trim_start_matches('x').parse().unwrap_or(0)
}

fn at<T>(list: &[T], at: usize) -> Option<&T> {
    list.get(at % list.len().max(1))
}

impl Player {
    fn hand(&self, hand: usize) -> Option<Value> {
        at(&self.hands, hand).cloned()
    }

    /// The object or promise with which this promise may be settled, so that it does not come to
    /// wait for itself by way of a message that waits there: an older one.
    fn older_hand(&self, hand: usize, promise: &str) -> Option<Value> {
        self.hand(hand).filter(|hand| {
            let is_object = Far::<Self>::from_value(hand).is_some();
            is_object || number_of(&hand.to_string()) < number_of(promise)
        })
    }

    fn does(&mut self, cx: &Cx<'_, Self>, number: usize) {
        let op = self.world.with(|ledger| ledger.ops[number].clone());
        match op {
            Op::Note { to, with, want, answer } => {
                let Some(to) = self.hand(to) else { return };
                let with = with.and_then(|with| self.hand(with));
                let (note, promise) = self.note(cx, &to, None, with, answer);
                match want {
                    Want::Nothing => {}
                    Want::Hold => self.hands.push(promise.to_value()),
                    Want::When => self.wait(cx, &promise, Some(note)),
                }
            }
            Op::Make { in_a_process } => {
                let process = match in_a_process {
                    true => {
                        let vm = self.world.with(|ledger| ledger.processes[self.process]);
                        self.world.new_process(vm)
                    }
                    false => self.process,
                };
                let player = self.world.new_player(process);
                let number = player.number;
                let far = if in_a_process { cx.spawn(player) } else { cx.make(player) };
                self.world.note_reference(number, &far);
                self.hands.push(far.to_value());
            }
            Op::Promise => {
                let (promise, resolver) = cx.promise::<Value>();
                self.keep(promise, resolver);
            }
            Op::Forwarded { here } => {
                let Some(here) = self.hand(here) else { return };
                let Some(hears) = Promise::<Far<Self>>::from_value(&here) else { return };
                let (promise, resolver) = forwarded::<Value>(&hears);
                let (name, here) = (promise.to_value().to_string(), here.to_string());
                self.world.with(|ledger| ledger.forwarded.insert(name, here));
                self.keep(promise, resolver);
            }
            Op::Close { resolver } => {
                let Some((promise, resolver)) = at(&self.resolvers, resolver) else { return };
                self.world.with(|ledger| ledger.closed.insert(promise.clone()));
                cx.act(resolver.close());
            }
            Op::Settle { resolver, with } => {
                if self.resolvers.is_empty() {
                    return;
                }
                let (promise, resolver) = self.resolvers.remove(resolver % self.resolvers.len());
                let hand = match with {
                    Answer::Hand(hand) => self.older_hand(hand, &promise),
                    _ => None,
                };
                self.world.with(|ledger| ledger.settles.insert(number, promise));
                match (with, hand) {
                    (Answer::Error, _) => cx.act(resolver.break_because(Reason::value(&Text::from("no")))),
                    (_, Some(hand)) => {
                        let Some(hand) = Promise::<Value>::from_value(&hand) else { unreachable!() };
                        cx.act(resolver.follow(hand));
                    }
                    _ => cx.act(resolver.fulfill(7u64.to_value())),
                }
            }
            Op::Abandon { resolver } if !self.resolvers.is_empty() => {
                self.resolvers.remove(resolver % self.resolvers.len());
            }
            Op::Abandon { .. } => {}
            Op::Drop { hand } if !self.hands.is_empty() => {
                self.hands.remove(hand % self.hands.len());
            }
            Op::Drop { .. } => {}
            Op::When { hand } => {
                let promise = self.hand(hand).and_then(|hand| Promise::<Value>::from_value(&hand));
                let Some(promise) = promise else { return };
                self.wait(cx, &promise, None);
            }
            Op::Watch { hand } => {
                let far = self.hand(hand).and_then(|hand| Far::<Self>::from_value(&hand));
                let Some(far) = far else { return };
                let kept = self.new_wait(None, true);
                cx.when_broken(&far, move |player, _, why| player.called(&kept, format!("{why}")));
            }
            Op::Quit => {
                self.world.with(|ledger| ledger.gone.insert(self.process));
                cx.act(quit());
            }
            Op::QuitVm => {
                let vm = self.world.with(|ledger| ledger.processes[self.process]);
                // An action behind the quit of the process itself is not performed.
                let quits = self.world.with(|ledger| ledger.gone.contains(&self.process));
                if VMS[vm].is_empty() || quits {
                    return;
                }
                self.world.with(|ledger| {
                    let inside = |at: &usize| VMS[ledger.processes[*at]].starts_with(VMS[vm]);
                    let gone: Vec<_> = (0..ledger.processes.len()).filter(inside).collect();
                    ledger.gone.extend(gone);
                });
                cx.act(at_meta_level!(quit()));
            }
            Op::Fail => self.fail(),
        }
    }

    fn fail(&self) {
        self.world.with(|ledger| ledger.gone.insert(self.process));
        // As a panic, but for what that prints.
        std::panic::resume_unwind(Box::new("failed"));
    }

    fn keep(&mut self, promise: Promise<Value>, resolver: Resolver<Value>) {
        let promise = promise.to_value();
        self.resolvers.push((promise.to_string(), resolver));
        self.hands.push(promise);
    }

    fn note(
        &self,
        cx: &Cx<'_, Self>,
        to: &Value,
        learned: Option<String>,
        with: Option<Value>,
        answer: Answer,
    ) -> (usize, Promise<Value>) {
        let note = self.world.with(|ledger| {
            let (process, to, promise) = (self.process, to.to_string(), String::new());
            ledger.notes.push(Note { process, to, learned, answer, promise, heard: Vec::new() });
            ledger.notes.len() - 1
        });
        let Some(to) = Reference::from_value(to) else { unreachable!("hands hold references") };
        let promise = send(cx, &to, "note", std::iter::once(note.to_value()).chain(with).collect::<Vec<_>>());
        self.world.with(|ledger| ledger.notes[note].promise = promise.to_value().to_string());
        (note, promise)
    }

    fn new_wait(&self, note: Option<usize>, is_watch: bool) -> Kept {
        let number = self.world.with(|ledger| {
            let (process, called) = (self.process, Vec::new());
            ledger.waits.push(Wait { process, note, called, is_watch, is_kept: true });
            ledger.waits.len() - 1
        });
        Kept(self.world.clone(), number)
    }

    /// Waits for the promise. If it gives an object, sends that a note at once.
    fn wait(&self, cx: &Cx<'_, Self>, promise: &Promise<Value>, note: Option<usize>) {
        let kept = self.new_wait(note, false);
        let learned = promise.to_value().to_string();
        let done = cx.when(promise, move |player, cx, got| {
            let told = got.as_ref().map_or_else(|why| format!("broken: {why}"), |value| value.to_string());
            player.called(&kept, told);
            if let Ok(value) = &got
                && Far::<Self>::from_value(value).is_some()
            {
                player.note(cx, value, Some(learned), None, Answer::Data);
            }
            Ok(7u64)
        });
        // The promise of the `when` is waited for, too.
        let kept = self.new_wait(None, false);
        cx.when(done, move |player, _, got| {
            player.called(&kept, format!("{got:?}"));
        });
    }

    fn called(&self, kept: &Kept, what: String) {
        self.world.with(|ledger| ledger.waits[kept.1].called.push(what));
    }

    /// Hears a note, and keeps what is in it.
    fn hears(&mut self, note: usize, with: &[Value]) -> Heard {
        self.hands.extend(with.iter().cloned());
        let (answer, promise) = self.world.with(|ledger| {
            ledger.notes[note].heard.push(self.number);
            (ledger.notes[note].answer, ledger.notes[note].promise.clone())
        });
        match answer {
            Answer::Data => Ok(note.to_value()),
            Answer::Hand(hand) => Ok(self.older_hand(hand, &promise).unwrap_or(note.to_value())),
            Answer::Error => Err(Failure::value(&Text::from("no"))),
            Answer::Failure => {
                self.fail();
                Ok(Value::UNIT)
            }
        }
    }
}

impl Object for Player {
    const NAME: &'static str = "Player";
    const VERBS: &'static [&'static str] = &[];

    fn hear(&mut self, cx: &Cx<'_, Self>, message: &[Value]) -> Heard {
        let number = || usize::from_value(&message[1]).unwrap();
        let heard = match message[0].to_string().trim_start_matches('\'') {
            "do" => {
                self.does(cx, number());
                Ok(Value::UNIT)
            }
            "note" => self.hears(number(), &message[2..]),
            "take" => {
                self.hands.extend(message[1..].iter().cloned());
                Ok(Value::UNIT)
            }
            "decide" => {
                self.resolvers.clear();
                Ok(Value::UNIT)
            }
            "forget" => {
                self.hands.clear();
                Ok(Value::UNIT)
            }
            verb => unreachable!("{verb}"),
        };
        let hands = self.hands.iter().map(ToString::to_string).collect();
        self.world.with(|ledger| ledger.lives[self.number].hands = hands);
        heard
    }
}

/// The first actions of a VM.
fn start(vm: usize, players: Arc<Vec<(usize, Vec<usize>)>>, world: &World) -> ActionTree<()> {
    let mut actions = ActionTree::new();
    let here = players.iter().enumerate().filter(|(_, (place, _))| *place == vm);
    for (number, _) in here {
        let process = world.new_process(vm);
        let player = world.new_player(process);
        let life = player.number;
        let (spawn, far) = spawn_object(player);
        world.note_reference(life, &far);
        world.with(|ledger| ledger.host.push((number, far)));
        actions = (actions, spawn).into_action_tree();
    }
    for (inner, path) in VMS.iter().enumerate() {
        let is_needed = players.iter().any(|(place, _)| VMS[*place].starts_with(path));
        if path.len() == VMS[vm].len() + 1 && path.starts_with(VMS[vm]) && is_needed {
            let (players, world) = (players.clone(), world.clone());
            actions = (actions, spawn_vm!(start(inner, players, &world))).into_action_tree();
        }
    }
    actions
}

/// How a program is run.
#[derive(Clone, Copy)]
pub(super) struct Running {
    pub(super) is_stepped: bool,
    pub(super) has_log: bool,
}

/// Runs a program until all is at rest. Promises that nobody has settled are still open.
pub(super) fn play(program: &Program, running: Running) -> (Sim, World) {
    let world = World::default();
    let (players, first) = (Arc::new(program.players.clone()), world.clone());
    let mut sim = Sim::new(move |_| Transition::new((), start(0, players, &first)));
    if running.has_log {
        sim.log_mut().turn_on();
    }
    rest(&mut sim, running);
    world.with(|ledger| ledger.host.sort_by_key(|(number, _)| *number));
    let host = world.with(|ledger| ledger.host.clone());
    for (number, far) in &host {
        let knows = program.players[*number].1.iter().filter_map(|other| host.get(other % host.len()));
        let knows: Vec<_> = knows.map(|(_, far)| far.to_value()).collect();
        sim.tell(|cx| drop(send(cx, far, "take", knows)));
    }
    for step in &program.steps {
        match step {
            Step::Run(steps) if running.is_stepped => {
                (0..*steps).for_each(|_| {
                    sim.run_steps(1);
                });
            }
            Step::Run(steps) => drop(sim.run_steps(*steps)),
            Step::Do(who, op) => {
                let number = world.with(|ledger| {
                    ledger.ops.push(op.clone());
                    ledger.ops.len() - 1
                });
                let known = world.with(|ledger| at(&ledger.known, *who).cloned());
                if let Some(far) = known.and_then(|known| known.upgrade()) {
                    sim.tell(|cx| drop(send(cx, &far, "do", (number,))));
                }
            }
        }
    }
    rest(&mut sim, running);
    (sim, world)
}

fn rest(sim: &mut Sim, running: Running) {
    match running.is_stepped {
        true => while sim.run_steps(1) {},
        false => sim.run(),
    }
}

/// Tells all players this.
fn tell_all(sim: &mut Sim, world: &World, verb: &'static str, running: Running) {
    for known in world.with(|ledger| ledger.known.clone()) {
        if let Some(far) = known.upgrade() {
            sim.tell(|cx| drop(send(cx, &far, verb, ())));
        }
    }
    rest(sim, running);
}

/// Lets go of all resolvers, so that every promise is settled.
pub(super) fn decide(sim: &mut Sim, world: &World, running: Running) {
    tell_all(sim, world, "decide", running);
}

/// Lets go of everything.
pub(super) fn forget(sim: &mut Sim, world: &World, running: Running) {
    tell_all(sim, world, "forget", running);
    drop(world.with(|ledger| std::mem::take(&mut ledger.host)));
    rest(sim, running);
}

/// The references that the host has.
pub(super) fn of_the_host(ledger: &Ledger) -> Vec<String> {
    ledger.host.iter().map(|(_, far)| format!("{far:?}")).collect()
}
