//! Rules O1 to O4: what a reference is, what it is equal to, what reads from it, and how far it
//! reaches.
#![allow(clippy::mutable_key_type, reason = "what can change in a reference is no part of its identity")]

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::notes::{Doer, Notes, Scribe, answer, empty, further_in, reason, spawned};

#[derive(Message, Clone, Debug, PartialEq)]
struct Service {
    name: Symbol,
    at: Far<Scribe>,
}

#[derive(Message, Clone, Debug)]
struct Offer {
    of: Far<Scribe>,
}

/// The same record, which may hold a promise.
#[derive(Message, Clone, Debug)]
#[message(label = Offer)]
struct Promised {
    of: Promise<Far<Scribe>>,
}

#[test]
fn o1_a_reference_prints_and_cannot_be_read_back() {
    let mut sim = empty();
    let far = sim.spawn_object(Notes::default().scribe());
    let (promise, _resolver) = promise::<u32>();
    for (value, debug) in [(far.to_value(), format!("{far:?}")), (promise.to_value(), format!("{promise:?}"))]
    {
        let shown = value.to_string();
        let number = shown.strip_prefix("ref#").expect("it says that it is a reference");
        let number = number.strip_prefix('x').unwrap_or(number);
        assert!(number.parse::<u64>().is_ok(), "{shown}");
        assert_eq!(debug, shown);
        assert_eq!(shown.parse::<Value>().ok(), None, "{shown}");
        assert!(shown.parse::<Topic>().is_err(), "{shown}");
    }
}

fn notes_a_promise(noted: &Mutex<String>) -> Transition<()> {
    *noted.lock().unwrap() = format!("{:?}", promise::<u32>().0);
    transition_no_state!()
}

/// Its counter begins anew, beside those of the VMs.
#[test]
fn o1_what_is_made_outside_of_every_vm_prints_otherwise() {
    let (outside, _resolver) = promise::<u32>();
    let shown = format!("{outside:?}");
    assert!(shown.starts_with("ref#x"), "{shown}");
    let inside = Arc::new(Mutex::new(String::new()));
    let noted = inside.clone();
    let mut sim = Sim::new(|_| transition_no_state!(spawn!(notes_a_promise(&noted))));
    sim.run();
    let inside = inside.lock().unwrap();
    assert!(inside.starts_with("ref#") && !inside.contains('x'), "{inside}");
}

#[test]
fn o1_a_reference_is_a_value_in_topics_messages_and_states() {
    let notes = Notes::default();
    let scribe = notes.scribe();
    let mut sim = Sim::new(|_| {
        let (spawn_scribe, at) = spawn_object(scribe);
        transition_no_state!(
            spawn_scribe,
            publisher!(Service { name: "notes", at: &at }),
            spawn!(transition!(
                None,
                subscriber!(
                    Service { name: "notes", at: _ },
                    match_conversation!(Service { name: _, at } =>
                    match_state!(_s: Option<Far<Scribe>> => on_presence!(transition!(
                        Some(at.clone()),
                        tell(|cx| { at.note(cx, "from a topic"); }),
                        send_message!(("for", &at))
                    )))),
                ),
                subscriber!(
                    "now",
                    match_state!(s: &Option<Far<Scribe>> => on_message!("now" => tell(|cx| {
                        s.as_ref().unwrap().note(cx, "from a state");
                    })))
                ),
            )),
            subscriber!(
                ("for", _),
                on_message!(("for", at) => {
                    let at: Far<Scribe> = at;
                    tell(|cx| { at.note(cx, "from a message"); })
                })
            ),
        )
    });
    sim.run();
    sim.send(&Text::from("now"));
    sim.run();
    assert_eq!(notes.take(), ["from a topic", "from a message", "from a state"]);
}

#[test]
fn o1_a_topic_with_a_reference_meets_that_reference_only() {
    let notes = Notes::default();
    let mut sim = empty();
    let (a, b) = (spawned(&mut sim, 0, notes.scribe()), spawned(&mut sim, 0, notes.scribe()));
    let (heard, wanted) = (notes.clone(), a.clone());
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        Offer { of: &wanted },
        on_message!(Offer { of } => {
            assert_eq!(of, wanted);
            heard.add("heard");
        })
    ))));
    sim.run();
    sim.send(&Offer { of: b });
    sim.send(&Offer { of: a });
    sim.run();
    assert_eq!(notes.take(), ["heard"]);
}

#[test]
fn o2_all_references_to_one_object_are_equal() {
    for levels in 0..3 {
        let mut sim = empty();
        let notes = Notes::default();
        let far = spawned(&mut sim, levels, notes.scribe());
        let other = spawned(&mut sim, levels, notes.scribe());
        let echo = spawned(&mut sim, 2, notes.scribe());
        let own = answer(&mut sim, |cx| far.me(cx)).unwrap();
        let back = answer(&mut sim, |cx| echo.echo(cx, far.to_value())).unwrap();
        let back = Far::<Scribe>::from_value(&back).unwrap();
        let piped = answer(&mut sim, |cx| far.me(cx).me(cx).me(cx)).unwrap();
        let all = [far.clone(), own, back, piped, cast(&far)];
        assert!(all.iter().all(|it| *it == far && it.to_value() == far.to_value()), "{all:?}");
        assert_eq!(all.iter().cloned().collect::<HashSet<_>>().len(), 1);
        assert_eq!(all.iter().cloned().collect::<BTreeSet<_>>().len(), 1);
        let values: HashSet<Value> = all.iter().map(Message::to_value).collect();
        assert_eq!(values.len(), 1);
        assert!(far != other && far.to_value() != other.to_value());
    }
}

#[test]
fn o2_a_promise_is_equal_only_to_itself_also_when_it_is_settled() {
    let mut sim = empty();
    let far = spawned(&mut sim, 0, Notes::default().scribe());
    let (a, resolver_a) = promise::<Far<Scribe>>();
    let (b, resolver_b) = promise::<Far<Scribe>>();
    let same = |(a, b): (&Promise<Far<Scribe>>, &Promise<Far<Scribe>>)| a.to_value() == b.to_value();
    let before = [same((&a, &a.clone())), same((&a, &b)), a.to_value() == far.to_value()];
    assert_eq!(before, [true, false, false]);
    let hashed = HashSet::from([a.to_value()]);
    let (target, kept) = (far.clone(), a.clone());
    sim.spawn(spawn!(transition_no_state!(resolver_a.fulfill(&target), resolver_b.follow(&kept),)));
    sim.run();
    assert_eq!(answer(&mut sim, |_| a.clone()), Ok(far.clone()));
    assert_eq!(answer(&mut sim, |_| b.clone()), Ok(far.clone()));
    let after = [same((&a, &a.clone())), same((&a, &b)), a.to_value() == far.to_value()];
    assert_eq!(after, before);
    assert!(hashed.contains(&a.to_value()));
}

#[test]
fn o2_a_reference_of_another_tower_is_another_one() {
    let mut sims = [empty(), empty()];
    let [a, b] = sims.each_mut().map(|sim| {
        // Made in a turn, so numbered by the tower.
        let maker = spawned(sim, 0, Maker);
        answer(sim, |cx| maker.make(cx)).unwrap()
    });
    assert_eq!(a.to_value().to_string(), b.to_value().to_string(), "the runs are the same");
    assert_ne!(a, b);
    assert_ne!(a.to_value(), b.to_value());
    assert_eq!(HashSet::from([a, b]).len(), 2);
}

struct Maker;

#[object]
impl Maker {
    fn make(&self, cx: &Cx<Self>) -> Far<Scribe> {
        cx.make(Notes::default().scribe())
    }

    fn spawn(&self, cx: &Cx<Self>) -> Far<Scribe> {
        cx.spawn(Notes::default().scribe())
    }
}

#[test]
fn o2_references_that_are_made_outside_of_turns_are_different() {
    let mut sim = empty();
    let fars: Vec<_> = (0..3).map(|_| sim.spawn_object(Notes::default().scribe())).collect();
    let maker = sim.spawn_object(Maker);
    sim.run();
    let (made, spawned) = (answer(&mut sim, |cx| maker.make(cx)), answer(&mut sim, |cx| maker.spawn(cx)));
    let all: BTreeSet<_> = fars.iter().cloned().chain([made.unwrap(), spawned.unwrap()]).collect();
    assert_eq!(all.len(), 5);
}

#[test]
fn o3_a_far_reads_from_an_object_also_from_one_that_is_not_there_yet() {
    let mut sim = empty();
    let there = spawned(&mut sim, 0, Notes::default().scribe());
    let (spawn, to_be) = spawn_object::<(), _>(Notes::default().scribe());
    let (clauses, _here) = reference::<Scribe>();
    for far in [there, to_be, clauses] {
        assert_eq!(Far::<Scribe>::from_value(&far.to_value()), Some(far.clone()));
        // It is a promise of itself, too.
        let promised = Promise::<Far<Scribe>>::from_value(&far.to_value()).unwrap();
        assert_eq!(promised.to_value(), far.to_value());
    }
    assert_eq!(Far::<Scribe>::from_value(&7u32.to_value()), None);
    drop(spawn);
}

#[test]
fn o3_a_far_reads_from_a_promise_when_it_is_settled_with_an_object_and_nothing_waits() {
    let notes = Notes::default();
    let mut sim = empty();
    let far = spawned(&mut sim, 0, notes.scribe());
    let (later, resolver) = promise::<Far<Scribe>>();
    let value = later.to_value();
    assert_eq!(Far::<Scribe>::from_value(&value), None, "it is open");
    sim.tell(|cx| {
        later.note(cx, "one");
        later.note(cx, "two");
    });
    sim.run();
    let target = far.clone();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(&target))));
    let mut read_before_it_is_empty = 0;
    while notes.len() < 2 {
        if Far::<Scribe>::from_value(&value).is_some() {
            read_before_it_is_empty += 1;
        }
        assert!(sim.step());
    }
    sim.run();
    assert_eq!(read_before_it_is_empty, 0);
    assert_eq!(Far::<Scribe>::from_value(&value), Some(far));
}

#[test]
fn o3_a_promise_of_data_or_a_broken_one_is_no_far() {
    let mut sim = empty();
    let (data, a) = promise::<Value>();
    let (broken, b) = promise::<Value>();
    sim.spawn(spawn!(transition_no_state!(
        a.fulfill(7u32.to_value()),
        b.break_because(Reason::value(&Text::from("no"))),
    )));
    sim.run();
    assert_eq!(Far::<Scribe>::from_value(&data.to_value()), None);
    assert_eq!(Far::<Scribe>::from_value(&broken.to_value()), None);
}

#[test]
fn o3_a_promise_reads_from_any_reference_and_holds_a_plain_value_as_it_is() {
    let (open, _resolver) = promise::<u32>();
    let read = Promise::<u32>::from_value(&open.to_value()).unwrap();
    assert_eq!(read.to_value(), open.to_value());
    let plain = Promise::<u32>::from_value(&7u32.to_value()).unwrap();
    assert_eq!(plain.to_value(), 7u32.to_value());
    assert!(Promise::<u32>::from_value(&Text::from("seven").to_value()).is_none());
    let mut sim = empty();
    assert_eq!(answer(&mut sim, |_| plain), Ok(7));
}

#[test]
fn o3_a_field_of_type_far_does_not_match_a_promise_that_is_not_settled() {
    let notes = Notes::default();
    let mut sim = empty();
    let far = spawned(&mut sim, 0, notes.scribe());
    let (later, resolver) = promise::<Far<Scribe>>();
    let heard = notes.clone();
    sim.spawn(spawn!(transition_no_state!(subscriber!(
        Offer { .. },
        on_message!(
            Offer { of } => heard.add(format!("an object: {of:?}")),
            Promised { of: _ } => heard.add("a promise"),
        )
    ))));
    sim.run();
    sim.send(&Offer { of: far.clone() });
    sim.send(&Promised { of: later.clone() });
    sim.run();
    let target = far.clone();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(&target))));
    sim.run();
    sim.send(&Promised { of: later });
    sim.run();
    let object = format!("an object: {far:?}");
    assert_eq!(notes.take(), [object.clone(), "a promise".to_string(), object]);
}

#[test]
fn o3_an_argument_of_type_far_is_no_open_promise() {
    let mut sim = empty();
    let holder = spawned(&mut sim, 0, Holder);
    let (later, _resolver) = promise::<Far<Scribe>>();
    let why = reason(&mut sim, |cx| send(cx, &holder, "hold", (later.clone(),)));
    let Some(Broken::BadArgument { verb, place: 1, expected, found }) = Broken::of(&why) else {
        panic!("{why:?}")
    };
    assert_eq!((verb.as_str(), &**found), ("hold", "a promise that is not settled"));
    assert!(expected.contains("Far") && expected.contains("Scribe"), "{expected}");
}

struct Holder;

#[object]
impl Holder {
    fn hold(&mut self, it: Far<Scribe>) -> Far<Scribe> {
        it
    }
}

#[test]
fn o4_references_work_between_all_levels() {
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
        let notes = Notes::default();
        let mut sim = empty();
        let scribe = spawned(&mut sim, to, notes.scribe());
        let sender = Doer::new(move |cx| {
            let noted = scribe.note(cx, "hello");
            let again = cx.when(noted, |_, _, noted| Ok(format!("{} back", noted?).to_value()));
            Ok(again.to_value())
        });
        let sender = spawned(&mut sim, from, sender);
        assert_eq!(answer(&mut sim, |cx| sender.go(cx)), Ok(Text::from("hello back").to_value()));
        assert_eq!(notes.take(), ["hello"], "from {from} to {to}");
    }
}

#[test]
fn o4_a_reference_works_between_a_vm_and_the_vm_in_it() {
    let notes = Notes::default();
    let (outer, middle, inner) = (notes.scribe(), notes.scribe(), notes.scribe());
    // Each process sends to the objects of all levels. No level is asked for.
    let speak = |from: &'static str, to: [Far<Scribe>; 3]| {
        tell::<(), _>(|cx| {
            to.iter().for_each(|to| {
                to.note(cx, from);
            });
        })
    };
    let mut sim = Sim::new(move |_| {
        let (spawn_outer, outer) = spawn_object(outer);
        let (spawn_middle, middle) = spawn_object(middle);
        let (spawn_inner, inner) = spawn_object(inner);
        let all = [outer, middle, inner];
        let (for_middle, for_inner) = (all.clone(), all.clone());
        transition_no_state!(
            spawn_outer,
            speak("outer", all),
            spawn_vm!(
                spawn_middle,
                spawn!(transition_no_state!(speak("middle", for_middle))),
                spawn_vm!(spawn_inner, spawn!(transition_no_state!(speak("inner", for_inner)))),
            ),
        )
    });
    sim.run();
    let mut heard = notes.take();
    heard.sort();
    assert_eq!(heard, ["inner", "inner", "inner", "middle", "middle", "middle", "outer", "outer", "outer"]);
}

#[test]
fn o4_a_promise_is_settled_across_levels() {
    for (decider, waiter) in (0..3).flat_map(|a| (0..3).map(move |b| (a, b))) {
        let notes = Notes::default();
        let mut sim = empty();
        let (later, resolver) = promise::<u32>();
        let heard = notes.clone();
        sim.spawn(further_in(
            waiter,
            spawn!(transition_no_state!(when(later, move |(): (), n: Result<u32, Reason>| {
                heard.add(format!("{n:?}"));
                transition_no_state!()
            }))),
        ));
        sim.run();
        sim.spawn(further_in(decider, spawn!(transition_no_state!(resolver.fulfill(7u32)))));
        sim.run();
        assert_eq!(notes.take(), ["Ok(7)"], "decided at {decider}, wanted at {waiter}");
    }
}

#[test]
fn o4_a_reference_of_another_vat_can_be_held_compared_and_handed_back() {
    let notes = Notes::default();
    let mut home = empty();
    let mut abroad = empty();
    let far = spawned(&mut home, 0, notes.scribe());
    let echo = spawned(&mut abroad, 1, notes.scribe());
    let why = reason(&mut abroad, |cx| far.note(cx, "from abroad"));
    assert_eq!(Broken::of(&why), Some(&Broken::Foreign));
    assert!(why.to_string().starts_with("it is in another vat: "));
    // Also if it is a process in there, or a promise of it, that sends.
    let target = far.clone();
    let sender = spawned(&mut abroad, 1, Doer::new(move |cx| Ok(target.note(cx, "from inside").to_value())));
    let why = reason(&mut abroad, |cx| sender.go(cx));
    assert_eq!(Broken::of(&why), Some(&Broken::Foreign));
    let back = answer(&mut abroad, |cx| echo.echo(cx, far.to_value())).unwrap();
    assert_eq!(back, far.to_value());
    let back = Far::<Scribe>::from_value(&back).unwrap();
    answer(&mut home, |cx| back.note(cx, "at home")).unwrap();
    assert_eq!(notes.take(), ["at home"]);
}

struct Lamp;

#[object]
impl Lamp {
    #[method(released)]
    fn released(&mut self, cx: &Cx<Self>) {
        cx.act(send_message!("out"));
    }
}

/// A proxy learns of a reference without speaking to it.
#[test]
fn o2_looking_at_a_reference_keeps_and_changes_nothing() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let lamp = sim.spawn_object(Lamp);
    sim.run();
    let (promise, resolver) = promise::<Far<Lamp>>();
    let (of_promise, of_lamp): (Reference, Reference) = (promise.as_ref().clone(), lamp.as_ref().clone());
    assert_eq!(settlement(&of_promise), Settlement::Open);
    assert_eq!(process_of(&of_promise), None);
    assert_eq!(settlement(&lamp), Settlement::Object(of_lamp.clone()));
    let (shown, pid) = (of_lamp.shown(), process_of(&lamp));
    assert!(pid.is_some());
    let settled = lamp.clone();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(settled))));
    sim.run();
    assert_eq!(settlement(&of_promise), Settlement::Object(of_lamp));
    assert_eq!(process_of(&of_promise), pid);
    drop((lamp, of_promise, promise));
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["out"], "what is shown keeps nothing");
    assert_eq!(process_of(&shown), None);
}

/// Processes of two VMs may have one PID.
#[test]
fn o2_objects_of_two_vms_share_no_process() {
    let mut sim = Sim::new(|_| transition_no_state!());
    let (spawn, outer) = spawn_object(Lamp);
    sim.spawn(spawn);
    let (spawn, inner) = spawn_object(Lamp);
    sim.spawn(spawn_vm!(spawn!(transition_no_state!(spawn))));
    sim.run();
    let (spawn, again) = spawn_object(Lamp);
    sim.spawn(spawn);
    sim.run();
    let pids = [&outer, &again].map(|lamp| process_of(lamp).unwrap().number());
    let pid = process_of(&inner).unwrap().number();
    assert!(pids.contains(&pid), "{pids:?} {pid}: the PIDs are to meet by chance");
    for outer in [&outer, &again] {
        assert!(!same_process(outer, &inner));
        assert!(same_process(outer, outer));
    }
}
