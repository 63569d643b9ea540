//! The same program gives the same trace, and what is recorded keeps nothing (O22, O23).

use std::collections::{HashMap, HashSet};

use marketplace::log::Log;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{spawn, yield_now};

use crate::deeds::{Keeper, Notes, answer, holder, inside, keeper, say, sim, waits, watches};

/// Drops objects, resolvers and promises that lie in maps of the standard library, at several
/// levels.
#[allow(clippy::mutable_key_type, reason = "the identity of a reference never changes")]
fn run_of_maps(log: bool) -> String {
    let notes = Notes::default();
    let mut sim = sim();
    if log {
        sim.log_mut().turn_on();
        sim.set_verb(true);
    }
    let mut fars = HashMap::new();
    let mut resolvers = HashMap::new();
    let mut messages = HashSet::new();
    for n in 0..12u64 {
        let far = keeper(&mut sim, n as usize % 3, &n.to_string(), &notes);
        let (open, resolver) = promise::<u64>();
        sim.tell(|cx| {
            far.wait_for(cx, &open);
        });
        let (watched, noted) = (far.clone(), notes.clone());
        sim.spawn(inside(
            n as usize % 2,
            spawn!(transition_no_state!(
                waits(&format!("when {n}"), open, &noted),
                watches(&format!("broken {n}"), &watched, &noted),
            )),
        ));
        messages.insert(far.to_value());
        fars.insert(n, far);
        resolvers.insert(n, resolver);
    }
    sim.spawn(spawn!(holder((fars, messages, resolvers))));
    sim.run();
    say(&mut sim, "let go");
    say(&mut sim, "end");
    format!("{}\n{:?}\n{:?}", sim.trace(), notes.take(), sim.stats().processes)
}

#[test]
fn o22_the_same_program_gives_the_same_trace() {
    // Numbers that are given outside of every VM go on from run to run, so each has its own thread.
    let run = |log| std::thread::spawn(move || run_of_maps(log)).join().unwrap();
    let plain = |trace: String| renumbered(&trace);
    let first = plain(run(false));
    assert!(first.contains("12 drops") || first.contains("11 drops"), "{first}");
    for _ in 0..6 {
        assert_eq!(plain(run(false)), first);
    }
    assert_eq!(plain(run(true)), first, "looking on changes nothing");
}

/// The numbers of references, in the order in which they first stand there.
fn renumbered(trace: &str) -> String {
    let mut known = HashMap::new();
    let mut parts = trace.split("ref#");
    let mut text = parts.next().unwrap().to_string();
    for part in parts {
        let digits = part.find(|c: char| c != 'x' && !c.is_ascii_digit()).unwrap_or(part.len());
        let next = known.len();
        let number = *known.entry(part[..digits].to_string()).or_insert(next);
        text.push_str(&format!("ref#{number}{}", &part[digits..]));
    }
    text
}

/// The log and verb keep no object, and neither does the trace.
#[test]
fn o23_the_record_keeps_no_object() {
    let looks: [fn(&mut Sim); 4] = [
        |_| (),
        |sim| sim.log_mut().turn_on(),
        |sim| sim.set_verb(true),
        |sim| {
            sim.log_mut().turn_on();
            sim.set_verb(true);
        },
    ];
    for (at, look) in looks.into_iter().enumerate() {
        for depth in 0..3 {
            let notes = Notes::default();
            let mut sim = sim();
            look(&mut sim);
            let far = keeper(&mut sim, depth, "it", &notes);
            let other = keeper(&mut sim, 0, "other", &notes);
            // In a topic, in a message, in messages to objects, in answers, in reasons.
            let (held, shown, said) = (far.clone(), far.clone(), far.clone());
            sim.spawn(spawn!(holder(held)));
            sim.spawn(spawn!(transition_no_state!(
                publisher!(("at", shown)),
                subscriber!(("at", _)),
                send_message!(("at", said)),
                subscriber!("let go", on_message!(_ => quit())),
            )));
            // The forms have cloned them.
            drop((shown, said));
            let why = far.clone();
            sim.spawn(spawn!(transition_no_state!(quit().because(Reason::value(&why)))));
            sim.tell(|cx| {
                other.keep(cx, far.to_value());
                other.forget(cx);
            });
            let (open, resolver) = promise::<Far<Keeper>>();
            sim.tell(|cx| {
                open.note(cx, "waited");
            });
            sim.spawn(spawn!(transition_no_state!(resolver.fulfill(far))));
            drop(open);
            sim.run();
            let dump = format!("{:?}", sim.dump());
            assert_eq!(notes.take(), ["it: waited"], "{at}, depth {depth}");
            say(&mut sim, "let go");
            assert_eq!(notes.take(), ["it drops"], "{at}, depth {depth}: {}", sim.trace());
            drop(dump);
            assert!(!sim.exits().is_empty());
        }
    }
}

/// A process fails with it, and its parent hears why.
#[test]
fn o23_failures_keep_no_object() {
    for log in [false, true] {
        let notes = Notes::default();
        let mut sim = sim();
        if log {
            sim.log_mut().turn_on();
        }
        let far = keeper(&mut sim, 0, "it", &notes);
        let (boots, fails) = (far.clone(), far);
        sim.spawn(spawn!(transition_no_state!(
            spawn(move |_| Err::<Transition<()>, _>(Failure::value(&boots)))
                .then(|(): (), _: Result<Pid, Reason>| transition_no_state!()),
            yield_now(move |(): ()| Err::<Transition<()>, _>(Failure::value(&fails))),
        )));
        sim.run();
        assert_eq!(notes.take(), ["it drops"], "{}", sim.trace());
        assert_eq!(sim.exits().len(), 2);
    }
}

/// A reason of an exit, and an answer that breaks.
#[test]
fn o23_exits_keep_no_object() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 1, "it", &notes);
    sim.spawn(spawn!(transition_no_state!(quit().because(Reason::value(&far)))));
    sim.run();
    assert_eq!(notes.take(), ["it drops"]);
    assert_eq!(sim.exits().len(), 1);
    assert!(sim.exits()[0].reason.to_string().starts_with("ref#"), "{}", sim.exits()[0].reason);
}

/// A resolver in a message that has been recorded is no handle of it.
#[test]
fn o23_the_record_keeps_no_resolver() {
    for log in [false, true] {
        let notes = Notes::default();
        let mut sim = sim();
        if log {
            sim.log_mut().turn_on();
        }
        let (open, resolver) = promise::<u64>();
        let noted = notes.clone();
        sim.spawn(spawn!(transition_no_state!(waits("it", open, &noted))));
        sim.spawn(spawn!(transition_no_state!(send_message!(("resolver", resolver)))));
        // The form has cloned it.
        drop(resolver);
        sim.run();
        assert_eq!(notes.take(), ["it: broken: nobody is left who could answer"], "log on: {log}");
    }
}

/// A recorded reference compares and prints as the reference did.
#[test]
fn o23_what_is_recorded_is_equal() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 0, "it", &notes);
    let said = far.clone();
    sim.spawn(spawn!(transition_no_state!(send_message!(("at", said)))));
    sim.run();
    let recorded = &sim.messages()[0];
    assert_eq!(*recorded, (Text::from("at"), far.clone()).to_value());
    assert_eq!(recorded.to_string(), (Text::from("at"), far.clone()).to_value().to_string());
    // It is shown only, so nobody can speak to it.
    let shown = Reference::from_value(&Vec::<Value>::from_value(recorded).unwrap()[1]).unwrap();
    let asked = sim.ask(|cx| send(cx, &shown, "echo", (1u64,)));
    sim.run();
    assert_eq!(answer(&asked), "broken: the reference is only shown");
}

#[derive(Clone)]
struct Shared(std::sync::Arc<Vec<Far<Keeper>>>);

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} references", self.0.len())
    }
}

/// A snapshot shares an object with its state: that falls when the log forgets it, and whoever
/// waits is told.
#[test]
fn o23_a_snapshot_keeps_what_it_shares_until_the_log_forgets_it() {
    let forget: [fn(&mut Log); 2] = [Log::clear, |log| log.resize(0)];
    for (at, forget) in forget.into_iter().enumerate() {
        for log in [false, true] {
            let notes = Notes::default();
            let mut sim = sim();
            if log {
                sim.log_mut().turn_on();
            }
            let far = keeper(&mut sim, 1, "it", &notes);
            let (watched, noted) = (weak(&far), notes.clone());
            sim.spawn(spawn!(transition!(
                Shared(std::sync::Arc::new(vec![far])),
                peekable(),
                subscriber!("look", match_state!(_s: &Shared => on_message!(_ => ()))),
                subscriber!("end", match_state!(_s: &Shared => on_message!(_ => quit()))),
            )));
            sim.run();
            let over = watched.clone();
            sim.spawn(spawn!(transition_no_state!(watches("never", &over.upgrade().unwrap(), &noted))));
            say(&mut sim, "look");
            say(&mut sim, "end");
            assert_eq!(notes.take().len(), usize::from(!log), "way {at}, log on: {log}");
            forget(sim.log_mut());
            sim.run();
            assert_eq!(notes.take().len(), usize::from(log), "way {at}, log on: {log}");
            assert_eq!(sim.stats().processes, 1);
        }
    }
}

/// References that a clone shares, and a copy as data does not have.
impl Message for Shared {
    type Gives = Self;
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
    fn from_value(value: &Value) -> Option<Self> {
        Some(Self(std::sync::Arc::new(Vec::from_value(value)?)))
    }
}

#[test]
fn o23_a_snapshot_as_data_keeps_nothing() {
    let run = |log: bool| {
        let notes = Notes::default();
        let mut sim = sim();
        if log {
            sim.log_mut().turn_on();
        }
        let far = keeper(&mut sim, 1, "it", &notes);
        let (watched, shown, noted) = (weak(&far), far.as_ref().shown(), notes.clone());
        sim.spawn(spawn!(transition!(
            Shared(std::sync::Arc::new(vec![far])),
            peekable_data(),
            subscriber!("look", match_state!(_s: &Shared => on_message!(_ => ()))),
            subscriber!("end", match_state!(_s: &Shared => on_message!(_ => quit()))),
        )));
        sim.run();
        sim.spawn(spawn!(transition_no_state!(watches("gone", &watched.upgrade().unwrap(), &noted))));
        say(&mut sim, "look");
        say(&mut sim, "end");
        assert_eq!(notes.take(), ["it drops"], "log on: {log}");
        assert_eq!(sim.stats().processes, 1);
        // The references are still to be seen.
        let copies: Vec<_> = sim
            .log()
            .turns()
            .filter_map(|turn| turn.snapshot.as_ref()?.data().cloned())
            .map(|copy| (copy.to_string(), copy == Value::sequence([shown.clone().into()])))
            .collect();
        assert_eq!(copies, vec![(format!("[{shown:?}]"), true); if log { 4 } else { 0 }]);
        renumbered(&sim.trace().to_string())
    };
    let run = |log| std::thread::spawn(move || run(log)).join().unwrap();
    assert_eq!(run(true), run(false), "looking on changes nothing");
}

#[test]
fn o21_the_record_says_which_promise_a_resolver_settles() {
    let mut sim = sim();
    sim.log_mut().turn_on();
    let (later, resolver) = promise::<u64>();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(7u64))));
    sim.run();
    let says = format!("answers 7, for {later:?}");
    assert!(sim.trace().to_string().contains(&says), "{}", sim.trace());
    let logged = sim.log().turns().flat_map(|turn| &turn.produced);
    assert_eq!(logged.filter(|produced| produced.action.to_string() == says).count(), 1);
}

struct Bell(u64);

#[object]
impl Bell {
    fn ring(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

struct Ringer(Far<Bell>);

#[object]
impl Ringer {
    /// Waits for the answer to a message of the same turn.
    fn ring(&mut self, cx: &Cx<Self>) -> Promise<u64> {
        let rung = self.0.ring(cx);
        cx.when(rung, |_, _, rung| Ok(rung?))
    }

    /// The promises of answers that nobody wants, as text.
    fn promises(&mut self, cx: &Cx<Self>) -> Vec<Text> {
        (0..3).map(|_| format!("{:?}", self.0.ring(cx)).into()).collect()
    }
}

#[test]
fn o13_the_record_tells_of_a_wait_that_takes_no_place_in_the_queue() {
    let mut sim = Sim::new(|_| transition_no_state!());
    sim.log_mut().turn_on();
    let bell = sim.spawn_object(Bell(0));
    let ringer = sim.spawn_object(Ringer(bell));
    let asked = sim.ask(|cx| ringer.ring(cx));
    sim.run();
    assert_eq!(asked.answer(), Some(Ok(1)));
    let trace = sim.trace().to_string();
    let waits = |line: &&str| line.contains("waits for ref#") && !line.contains("host");
    assert_eq!(trace.lines().filter(waits).count(), 1, "{trace}");
    let produced = |word: &str| {
        sim.log()
            .turns()
            .flat_map(|turn| &turn.produced)
            .filter(|it| it.action.to_string().contains(word))
            .count()
    };
    assert_eq!(produced("waits for ref#"), 1, "the log has it among what the turn asked for");
}

#[test]
fn o2_a_promise_is_not_one_before_that_nobody_had() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let bell = sim.spawn_object(Bell(0));
    let ringer = sim.spawn_object(Ringer(bell));
    let mut seen = HashSet::new();
    for _ in 0..5 {
        let asked = sim.ask(|cx| ringer.promises(cx));
        sim.run();
        for promise in asked.answer().unwrap().unwrap() {
            assert!(seen.insert(promise), "each promise has a number of its own");
        }
    }
}
