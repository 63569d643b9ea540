//! References in what waits, cycles of references, and the processes and VMs that stay for objects
//! (O19, R60, R61).

use marketplace::What;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::deeds::{
    Keeper, Notes, answer, holder, inside, keeper, made, processes, said, say, sim, waits, watches,
};

fn dropped_silently(sim: &Sim) -> usize {
    sim.trace().records().iter().filter(|record| record.what == What::Dropped).count()
}

/// It waits with what it refers to.
#[test]
fn o19_a_message_that_waits_counts_for_its_references() {
    for (at, depth) in [(0, 0), (1, 0), (0, 1), (2, 1)] {
        let notes = Notes::default();
        let mut sim = sim();
        let (to, it) = (keeper(&mut sim, at, "to", &notes), keeper(&mut sim, depth, "it", &notes));
        let (open, resolver) = promise::<Far<Keeper>>();
        sim.tell(|cx| {
            open.keep(cx, it.to_value());
        });
        drop(it);
        sim.run();
        assert!(notes.take().is_empty());
        let settled_with = to.clone();
        sim.spawn(spawn!(transition_no_state!(resolver.fulfill(settled_with))));
        sim.run();
        let kept = sim.ask(|cx| to.kept(cx));
        sim.run();
        assert_eq!(answer(&kept), "1");
        assert!(notes.take().is_empty());
        sim.tell(|cx| {
            to.forget(cx);
        });
        sim.run();
        assert_eq!(notes.take(), ["it drops"], "{at} {depth}");
        // The promise breaks, and the message is gone.
        let it = keeper(&mut sim, depth, "it", &notes);
        let (open, resolver) = promise::<Far<Keeper>>();
        sim.tell(|cx| {
            open.keep(cx, it.to_value());
        });
        drop(it);
        sim.spawn(spawn!(holder(resolver)));
        say(&mut sim, "let go");
        assert_eq!(notes.take(), ["it drops"], "{at} {depth}");
    }
}

/// Nobody has a promise any more at which a message waits: it waits for nothing.
#[test]
fn o19_what_waits_stays_until_the_promise_is_decided() {
    let notes = Notes::default();
    let mut sim = sim();
    let (to, it) = (keeper(&mut sim, 0, "to", &notes), keeper(&mut sim, 0, "it", &notes));
    let (open, resolver) = promise::<Far<Keeper>>();
    sim.tell(|cx| {
        open.keep(cx, it.to_value());
    });
    drop((it, open));
    sim.run();
    assert!(notes.take().is_empty(), "its resolver can still send it on");
    let settled_with = to.clone();
    sim.spawn(spawn!(transition_no_state!(resolver.fulfill(settled_with))));
    sim.run();
    assert!(notes.take().is_empty());
    drop(to);
    sim.run();
    assert_eq!(notes.take(), ["to drops", "it drops"]);
}

#[test]
fn o19_a_cycle_stays_until_its_processes_end() {
    let notes = Notes::default();
    let mut sim = sim();
    let (a, b) = (keeper(&mut sim, 0, "a", &notes), keeper(&mut sim, 1, "b", &notes));
    let weakly = weak(&a);
    sim.tell(|cx| {
        a.keep(cx, b.to_value());
        b.keep(cx, a.to_value());
    });
    drop((a, b));
    sim.run();
    assert!(notes.take().is_empty());
    let a = weakly.upgrade().unwrap();
    sim.tell(|cx| {
        a.quit(cx);
    });
    drop(a);
    sim.run();
    assert_eq!(notes.take(), ["a drops", "b drops"]);
    assert_eq!(processes(&sim), 0);
}

#[test]
fn o19_a_cycle_through_what_waits_stays_until_the_vat_ends() {
    let notes = Notes::default();
    let mut sim = sim();
    let it = keeper(&mut sim, 1, "it", &notes);
    let (open, resolver) = promise::<Far<Keeper>>();
    sim.tell(|cx| {
        open.keep(cx, (it.clone(), resolver.clone()).to_value());
    });
    drop((it, open, resolver));
    sim.run();
    assert!(notes.take().is_empty());
    drop(sim);
    assert_eq!(notes.take(), ["it drops"]);
}

/// As long as somebody has one of its objects; then it is dropped, silently.
#[test]
fn r60_a_process_stays_for_an_object_that_somebody_has() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let far = keeper(&mut sim, depth, "it", &notes);
        let beside = made(&mut sim, &far, "beside");
        sim.spawn(spawn!(holder(beside)));
        drop(far);
        sim.run();
        assert_eq!(notes.take(), ["it drops"]);
        assert_eq!(processes(&sim), 2);
        say(&mut sim, "let go");
        assert_eq!(notes.take(), ["beside drops"]);
        assert_eq!(processes(&sim), 1);
        assert!(sim.exits().is_empty());
    }
}

#[test]
fn r60_a_process_stays_for_what_it_waits_for() {
    for depth in 0..3 {
        let notes = Notes::default();
        let mut sim = sim();
        let never = keeper(&mut sim, 0, "never", &notes);
        let (open, resolver) = promise::<u64>();
        let (noted, later) = (notes.clone(), never.clone());
        // A `when`, an `ask` and a `when_broken`.
        let on = open.clone();
        sim.spawn(inside(depth, spawn!(transition_no_state!(waits("when", on, &noted)))));
        let noted = notes.clone();
        sim.spawn(inside(
            depth,
            spawn!(transition_no_state!(ask(
                |cx| later.wait_for(cx, open),
                move |(): (), got| {
                    noted.add(format!("ask: {}", said(&got)));
                    transition_no_state!()
                }
            ))),
        ));
        let (noted, watched) = (notes.clone(), never.clone());
        sim.spawn(inside(depth, spawn!(transition_no_state!(watches("when broken", &watched, &noted)))));
        sim.run();
        assert_eq!(processes(&sim), 4);
        sim.spawn(spawn!(transition_no_state!(resolver.fulfill(3u64))));
        sim.run();
        assert_eq!(notes.take(), ["when: 3", "never: 3", "ask: 4"], "depth {depth}");
        assert_eq!(processes(&sim), 2);
        let before = dropped_silently(&sim);
        sim.tell(|cx| {
            never.quit(cx);
        });
        sim.run();
        let mut heard = notes.take();
        heard.retain(|note| note != "never drops");
        assert_eq!(heard, ["when broken: it is gone (left)"]);
        assert_eq!(processes(&sim), 0);
        assert!(dropped_silently(&sim) > before);
        assert_eq!(sim.exits().len(), 1, "only the object's process quit");
    }
}

/// A nested VM is there as long as somebody has an object in it, or something in it waits.
#[test]
fn r61_what_keeps_a_nested_vm() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 2, "it", &notes);
    sim.run();
    assert_eq!(processes(&sim), 1);
    let asked = sim.ask(|cx| far.echo(cx, 1));
    sim.run();
    assert_eq!((answer(&asked), notes.take()), ("1".to_string(), vec!["it: 1".to_string()]));
    sim.spawn(spawn!(holder(far)));
    say(&mut sim, "let go");
    assert_eq!((processes(&sim), notes.take()), (1, vec!["it drops".to_string()]), "only the holder");
    say(&mut sim, "end");
    // Ordinary endpoints do not keep it, and neither do objects that nobody outside has.
    let noted = notes.clone();
    sim.spawn(inside(
        2,
        spawn!({
            let (spawn, far) = spawn_object(Keeper::new("inside", &noted));
            transition!(far, spawn, subscriber!("stay"))
        }),
    ));
    sim.run();
    let still = processes(&sim);
    // "no object that somebody has": the state of its neighbour has it.
    assert_eq!((still, notes.take()), (1, vec![]));
}

/// References, promises and what waits hold no ground VM open.
#[test]
fn r61_nothing_of_objects_keeps_the_ground_vm() {
    let notes = Notes::default();
    let mut sim = sim();
    let far = keeper(&mut sim, 1, "it", &notes);
    let (open, _resolver) = promise::<u64>();
    let asked = sim.ask(|cx| far.wait_for(cx, &open));
    let noted = notes.clone();
    let watched = far.clone();
    sim.spawn(spawn!(transition_no_state!(waits("when", open, &noted), watches("broken", &watched, &noted))));
    sim.run();
    assert_eq!(answer(&asked), "nothing");
    assert!(sim.is_done());
}
