//! Those wait no more at a promise or an object that are gone themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::conversation::promise::PromiseState;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::objects::{
    Far, Here, Promise, Resolver, all, object_of, promise, race, reference, when, when_broken,
};
use crate::prelude::*;
use crate::sim::Sim;

/// Many times more than one list of those who wait begins with.
const MANY: u32 = 1_000;

/// How many wait here: until it is settled, or until it is gone.
fn waiters(at: &impl AsRef<Reference>) -> usize {
    match at.as_ref().state().as_deref() {
        Some(PromiseState::Open(open)) => open.whens.len(),
        Some(PromiseState::There(there)) => there.watchers.as_ref().map_or(0, |watchers| watchers.len()),
        _ => panic!("it is neither open nor there"),
    }
}

fn reference_of(promise: &Promise<u32>) -> Reference {
    Reference::from_value(&promise.to_value()).expect("a promise is a reference")
}

fn open() -> (Sim, Promise<u32>, Resolver<u32>) {
    let (open, resolver) = promise::<u32>();
    (Sim::new(|_| transition_no_state!()), open, resolver)
}

#[test]
fn o13_processes_that_have_ended_do_not_stay_at_a_promise() {
    let (mut sim, open, resolver) = open();
    for n in 0..MANY {
        let open = open.clone();
        let waits = move || when(open, move |(), _| transition_no_state!(send_message!(n)));
        if n % 100 == 7 {
            sim.spawn(spawn!(transition_no_state!(waits())));
        } else {
            sim.spawn(spawn!(transition_no_state!(waits(), quit())));
        }
        sim.run();
    }
    assert!(waiters(&reference_of(&open)) < 40, "{} wait", waiters(&reference_of(&open)));
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(1u32))));
    sim.run();
    let told: Vec<_> = (0..MANY).filter(|n| n % 100 == 7).collect();
    assert_eq!(sim.messages_of::<u32>(), told, "each of the others is told, in order");
}

#[test]
fn o13_races_that_are_over_do_not_stay_at_a_promise() {
    let (mut sim, open, _resolver) = open();
    for n in 0..MANY {
        let first = sim.ask(|cx| race(cx, [open.clone(), Promise::from(n)]));
        sim.run();
        assert_eq!(first.answer(), Some(Ok(n)));
    }
    assert!(waiters(&reference_of(&open)) < 10, "{} wait", waiters(&reference_of(&open)));
}

/// Many processes watch the object, one after the other, and end.
fn watched_by_many(sim: &mut Sim, object: &Far<()>) {
    for _ in 0..MANY {
        let watched = object.clone();
        sim.spawn(spawn!(transition_no_state!(
            when_broken(&watched, |(), _| transition_no_state!()),
            quit(),
        )));
        sim.run();
    }
}

#[test]
fn o16_processes_that_have_ended_do_not_stay_at_an_object() {
    let (object, here): (_, Here) = reference::<()>();
    let mut sim =
        Sim::new(move |_| transition_no_state!(object_of!(here, on_message!(_ => ActionTree::new()))));
    watched_by_many(&mut sim, &object);
    assert!(waiters(&object) < 10, "{} wait", waiters(&object));
}

/// Breaks the promise of all of these, `held` last, behind the first, which is settled with the
/// resolver of `held`: nobody else has that. The second breaks.
fn break_all(held: &Promise<Value>, resolver: Resolver<Value>) -> Sim {
    let mut sim = Sim::new(|_| transition_no_state!());
    let ((a, for_a), (b, for_b)) = (promise::<Value>(), promise::<Value>());
    let gathered = sim.ask(|cx| all(cx, [a, b, held.clone()]));
    sim.run();
    let resolver = resolver.to_value();
    sim.spawn(spawn!(transition_no_state!(for_a.fulfill(resolver), for_b.break_because(Reason::Normal))));
    sim.run();
    assert!(gathered.answer().expect("it is settled").is_err());
    sim
}

/// The list of those who wait is locked while those are taken out who wait no more: in one of these
/// may be the last resolver of the very promise.
#[test]
fn o13_a_gathering_that_is_over_does_not_lock_the_promise_that_it_waits_for() {
    let (end, ends) = channel();
    thread::spawn(move || {
        let (held, resolver) = promise::<Value>();
        let mut sim = break_all(&held, resolver);
        for _ in 0..6 {
            let held = held.clone();
            let waits = when(held, |(), _: Result<Value, Reason>| transition_no_state!());
            sim.spawn(spawn!(transition_no_state!(waits)));
            sim.run();
        }
        end.send(()).expect("somebody waits for the end");
    });
    ends.recv_timeout(Duration::from_secs(60)).expect("the promise is not locked");
}

/// The gathering itself is there still: it waits at a promise that nobody settles.
#[test]
fn o13_a_gathering_that_is_over_lets_go_of_what_it_has_heard() {
    let ((held, _resolver), (other, for_other)) = (promise::<Value>(), promise::<Value>());
    let mut sim = Sim::new(|_| transition_no_state!());
    let ((a, for_a), (b, for_b)) = (promise::<Value>(), promise::<Value>());
    let gathered = sim.ask(|cx| all(cx, [a, b, held.clone()]));
    let told = sim.ask(|_| other);
    sim.run();
    let heard = for_other.to_value();
    drop(for_other);
    sim.spawn(spawn!(transition_no_state!(for_a.fulfill(heard), for_b.break_because(Reason::Normal))));
    sim.run();
    assert!(gathered.answer().expect("it is settled").is_err());
    let broken = told.answer().expect("nobody can settle it any more");
    assert!(broken.is_err(), "{broken:?}");
}

/// Each waits in a VM of its own, and that ends.
#[test]
fn o13_processes_of_vms_that_have_ended_do_not_stay_at_a_promise() {
    let (mut sim, open, resolver) = open();
    let told = Arc::new(AtomicU32::new(0));
    for n in 0..MANY {
        let (open, told) = (open.clone(), told.clone());
        let waits = move || {
            when(open, move |(), _: Result<u32, Reason>| {
                told.fetch_add(1, Ordering::Relaxed);
                transition_no_state!()
            })
        };
        if n % 100 == 7 {
            sim.spawn(spawn_vm(move |_, _| transition_no_state!(waits())));
        } else {
            sim.spawn(spawn_vm(move |_, _| transition_no_state!(waits(), quit())));
        }
        sim.run();
    }
    assert!(waiters(&reference_of(&open)) < 40, "{} wait", waiters(&reference_of(&open)));
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(1u32))));
    sim.run();
    assert_eq!(told.load(Ordering::Relaxed), MANY / 100, "each of the others is told");
}

#[test]
fn o16_processes_that_have_ended_do_not_stay_at_an_object_that_is_not_there_yet() {
    let (object, _here): (_, Here) = reference::<()>();
    let mut sim = Sim::new(|_| transition_no_state!());
    watched_by_many(&mut sim, &object);
    assert!(waiters(&object) < 10, "{} wait", waiters(&object));
}

/// They have waited at other promises, which follow this one.
#[test]
fn o14_processes_that_have_ended_do_not_stay_at_a_promise_that_others_follow() {
    let (mut sim, open, _resolver) = open();
    for _ in 0..MANY {
        let (follows, resolver) = promise::<u32>();
        let open = open.clone();
        sim.spawn(spawn!(transition_no_state!(
            when(follows, |(), _: Result<u32, Reason>| transition_no_state!()),
            resolver.follow(open),
            quit(),
        )));
        sim.run();
    }
    assert!(waiters(&reference_of(&open)) < 10, "{} wait", waiters(&reference_of(&open)));
}
