//! Random programs: processes that follow scripts.

use std::sync::Arc;

use marketplace::sim::Sim;
use marketplace::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{Log, topic, value};

/// The scripts of a program; the first is the boot process's. A script starts later ones only, so
/// that every program ends.
pub(crate) type Program = Arc<Vec<Vec<Op>>>;

/// An action of a script, at its own level or so many levels out (as many as there are).
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Add { name: u8, role: Role, mood: Mood, once: bool, out: usize },
    Delete { name: u8, mood: Mood, once: bool, out: usize },
    Send { body: &'static str, feedback: bool, out: usize },
    Refuse { topic: &'static str, out: usize },
    Quit { out: usize },
    Kill { pid: u64, out: usize },
    Yield,
    Spawn { script: usize, then: bool, apart: bool, out: usize },
    SpawnVm { script: usize, apart: bool },
}

/// How an endpoint takes what it hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mood {
    /// Handles everything.
    Calm,
    /// Handles nothing.
    Picky,
    /// Answers messages and presences.
    Chatty,
    /// Panics at a message.
    Nervous,
    /// Fails at an absence.
    Strict,
    /// Its handler's destructor panics.
    Bomb,
}

const TOPICS: [&str; 7] = ["x(_, _)", "x(1, _)", "x(_, 2)", "x(1, 2)", "x(2, _)", "_", "y"];
const BODIES: [&str; 4] = ["x(1, 2)", "x(2, 2)", "x(1, 1)", "z"];

fn op(moods: &'static [Mood]) -> impl Strategy<Value = Op> {
    let out = || prop_oneof![4 => Just(0usize), 1 => Just(1usize), 1 => Just(2usize)];
    let apart = || prop::bool::weighted(0.25);
    let interest = prop_oneof![
        3 => Just(InterestType::Participant),
        1 => Just(InterestType::Observer),
        1 => Just(InterestType::Everything)
    ];
    let side = prop_oneof![Just(Orientation::Publisher), Just(Orientation::Subscriber)];
    let role = (side, prop::sample::select(&TOPICS[..]), interest)
        .prop_map(|(side, text, interest)| Role::new(side, topic(text), interest));
    // Few kinds of names, so that endpoints are replaced, changed and deleted.
    let kind = move || {
        (
            0..2u8,
            prop_oneof![3 => Just(moods[0]), 2 => prop::sample::select(moods)],
            prop::bool::weighted(0.2),
            out(),
        )
    };
    prop_oneof![
        8 => (role, kind()).prop_map(|(role, (name, mood, once, out))| {
            Op::Add { name, role, mood, once: once && out == 0, out }
        }),
        2 => kind().prop_map(|(name, mood, once, out)| Op::Delete { name, mood, once: once && out == 0, out }),
        4 => (prop::sample::select(&BODIES[..]), any::<bool>(), out())
            .prop_map(|(body, feedback, out)| Op::Send { body, feedback, out }),
        1 => (prop::sample::select(&TOPICS[..]), out()).prop_map(|(topic, out)| Op::Refuse { topic, out }),
        1 => out().prop_map(|out| Op::Quit { out }),
        1 => ((0..7u64).prop_filter("not the relay", |pid| *pid != 1), out())
            .prop_map(|(pid, out)| Op::Kill { pid, out }),
        2 => Just(Op::Yield),
        3 => (1..SCRIPTS, any::<bool>(), apart(), out())
            .prop_map(|(script, then, apart, out)| Op::Spawn { script, then, apart, out }),
        2 => (1..SCRIPTS, apart()).prop_map(|(script, apart)| Op::SpawnVm { script, apart }),
    ]
}

const SCRIPTS: usize = 6;

const ALL: [Mood; 6] = [Mood::Calm, Mood::Picky, Mood::Chatty, Mood::Nervous, Mood::Strict, Mood::Bomb];
const WELL: [Mood; 2] = [Mood::Calm, Mood::Chatty];

/// Any program.
pub(crate) fn program() -> impl Strategy<Value = Program> {
    vec(vec(op(&ALL), 3..9), SCRIPTS).prop_map(Arc::new)
}

/// One in which no process fails by itself.
pub(crate) fn well_behaved() -> impl Strategy<Value = Program> {
    vec(vec(op(&WELL), 3..9), SCRIPTS).prop_map(Arc::new)
}

/// Its destructor panics.
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

/// The facts that every process knows.
#[derive(Clone)]
struct Script {
    program: Program,
    /// Where counting endpoints write what they hear.
    log: Log,
    at: usize,
    /// How many levels there are further out.
    depth: usize,
    /// The process.
    who: String,
}

/// The debug name says that a process is apart: it is all that the record tells.
pub(crate) fn apart() -> Value {
    value("apart")
}

fn set_apart<S>(child: Spawn<S>, apart: bool) -> Spawn<S> {
    if apart { name_process(self::apart(), child.apart()) } else { child }
}

/// A sim of the program. Counting endpoints write to the log.
pub(crate) fn start(program: &Program, log: &Log) -> Sim {
    let (program, log) = (program.clone(), log.clone());
    Sim::new(move |pid| {
        let script = Script { program, log, at: 0, depth: 0, who: pid.to_string() };
        Transition::new(None, script.from(0))
    })
}

/// The name says how the endpoint behaves: it is all that the record tells.
pub(crate) fn name(number: u8, mood: Mood, once: bool) -> Value {
    value(&format!("n({number}, {mood:?}, {once})"))
}

impl Script {
    fn other(&self, at: usize, pid: Pid, depth: usize) -> Self {
        let at = self.at + 1 + at % SCRIPTS.saturating_sub(self.at).max(1);
        Self {
            program: self.program.clone(),
            log: self.log.clone(),
            at,
            depth,
            who: format!("{}/{pid} at {depth}", self.who),
        }
    }

    /// The actions of the script from this place on.
    fn from(self, start: usize) -> ActionTree<Option<Bomb>> {
        let mut actions = ActionTree::new();
        let program = self.program.clone();
        let Some(ops) = program.get(self.at) else {
            return actions;
        };
        for (i, op) in ops.iter().enumerate().skip(start) {
            if matches!(op, Op::Yield) {
                let rest = yield_now(move |state| Transition::new(state, self.from(i + 1)));
                rest.append_to(&mut actions);
                break;
            }
            self.act(op).append_to(&mut actions);
        }
        actions
    }

    fn act(&self, op: &Op) -> PreAction<Option<Bomb>> {
        let lift = |mut action: PreAction<Option<Bomb>>, out: usize| {
            for _ in 0..out.min(self.depth) {
                action = action.at_meta_level();
            }
            action
        };
        match *op {
            Op::Add { name: number, ref role, mood, once: for_one, out } => {
                let endpoint = self.endpoint(number, role.clone(), mood, for_one || out.min(self.depth) > 0);
                let endpoint = if for_one { once(endpoint) } else { endpoint };
                lift(name_endpoint(name(number, mood, for_one), endpoint).into(), out)
            }
            Op::Delete { name: number, mood, once, out } => {
                lift(delete_endpoint(name(number, mood, once)), out)
            }
            Op::Send { body, feedback: false, out } => lift(send_message(&value(body)), out),
            Op::Send { body, feedback: true, out } => lift(send_feedback(&value(body)), out),
            Op::Refuse { topic: text, out } => lift(refuse(topic(text), value("no")), out),
            Op::Quit { out } => lift(quit(), out),
            Op::Kill { pid, out } => lift(quit().pid(crate::support::pid(pid)), out),
            Op::Spawn { script, then, apart, out } => {
                let (this, depth) = (self.clone(), self.depth - out.min(self.depth));
                let child = spawn(move |pid| {
                    let script = this.other(script, pid, depth);
                    // Some states are bombs, some boots fail.
                    if script.at == 5 && out == 1 {
                        return Err(Failure::value(&1u8));
                    }
                    let explodes = script.at % 3 == 2;
                    let actions = script.from(0);
                    Ok(Transition::new(explodes.then(|| Bomb), actions))
                });
                let child = match then {
                    true => child.then(|state, _| Transition::new(state, send_message(&value("z")))),
                    false => child,
                };
                lift(set_apart(child, apart).into(), out)
            }
            Op::SpawnVm { script, apart } => {
                let this = self.clone();
                let vm = spawn_vm(move |pid, _| {
                    let script = this.other(script, pid, this.depth + 1);
                    Transition::new(None, script.from(0))
                });
                set_apart(vm, apart).into()
            }
            Op::Yield => unreachable!("handled by the caller"),
        }
    }

    fn endpoint(&self, number: u8, role: Role, mood: Mood, uncounted: bool) -> AddEndpoint<Option<Bomb>> {
        let bomb = (mood == Mood::Bomb).then(|| Bomb);
        let (log, who) = (self.log.clone(), format!("{} {number} {mood:?}", self.who));
        let endpoint = AddEndpoint::new(role, move |event, turn| {
            let _ = &bomb;
            if !uncounted {
                let edge = if event.is_first_presence() || event.is_last_absence() { "edge" } else { "" };
                if (event.is_presence() || event.is_absence()) && !event.is_refusal() {
                    log.note(format!("{who}|{}|{:?}|{edge}", event.is_presence(), event.conversation()));
                }
            }
            match mood {
                Mood::Picky => turn.skip(),
                Mood::Chatty
                    if event.is_presence() || event.body().is_some_and(|body| *body != value("y")) =>
                {
                    turn.act(send_message(&value("y")))
                }
                Mood::Nervous if event.body().is_some() => panic!("nervous"),
                Mood::Strict if event.is_absence() => Err(Failure::value(&number)),
                _ => turn.act(()),
            }
        });
        if uncounted { endpoint } else { endpoint.counted() }
    }
}
