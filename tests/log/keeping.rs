//! The turns that the log keeps, and for how long.

use marketplace::log::LOG_CAPACITY;
use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// A process that hears `noop`, and a log that is on.
fn listening() -> Sim {
    let mut sim = run(on_message(subscriber("noop"), |_| ()));
    sim.log_mut().turn_on();
    sim
}

fn noops(sim: &mut Sim, count: usize) {
    (0..count).for_each(|_| sim.send(&value("noop")));
    sim.run();
}

#[test]
fn g03_the_log_is_off_at_first() {
    let mut sim = run(on_message(subscriber("noop"), |_| ()));
    noops(&mut sim, 3);
    assert!(!sim.log().is_on() && sim.log().is_empty());
}

#[test]
fn g04_the_log_keeps_256_turns_unless_said_otherwise() {
    assert_eq!(LOG_CAPACITY, 256);
    assert_eq!(listening().log().capacity(), 256);
}

#[test]
fn g_s03_capacity() {
    let mut sim = listening();
    noops(&mut sim, 1);
    let before = sim.log().turns().next().unwrap().stamp - 1;
    noops(&mut sim, 299);
    let log = sim.log();
    assert_eq!(log.len(), 256);
    assert!(log.at_stamp(before + 44).is_none());
    assert!(log.at_stamp(before + 45).is_some());
    assert_eq!(log.at_stamp(before + 45), log.turns().next());
    assert_eq!(log.at_stamp(before + 300), log.turns().last());
}

/// A turn that was dropped is found nowhere: not by number, as a cause, as an action, in a tree.
#[test]
fn g04_what_is_dropped_is_dropped_from_everything() {
    let mut sim = run((on_message(subscriber("a"), |_| send("b")), on_message(subscriber("b"), |_| ())));
    sim.log_mut().turn_on();
    sim.log_mut().resize(1);
    sim.send(&value("a"));
    sim.run_steps(1);
    let (first, action) = {
        let turn = sim.log().turns().next().unwrap();
        (turn.id, turn.produced[0].id)
    };
    assert!(sim.log().action(action).is_some());
    sim.run();
    let log = sim.log();
    let last = log.turns().next().unwrap();
    assert_eq!((log.len(), last.cause), (1, first));
    assert!(log.get(first).is_none() && log.action(action).is_none() && log.peek(first).is_none());
    assert!(log.previous(last.id).is_none());
    assert_eq!(log.next(first).collect::<Vec<_>>(), [last], "that it knows itself");
    assert_eq!(log.trace(last.id), [last]);
    assert_eq!(log.tree(last.id).unwrap().turns(), [(0, last)]);
    assert!(log.tree(first).is_none() && log.trace(first).is_empty());
}

#[test]
fn g_s05_log_toggle() {
    let mut sim = listening();
    sim.log_mut().turn_off();
    noops(&mut sim, 1);
    assert_eq!(sim.log().len(), 0);
    sim.log_mut().turn_on();
    noops(&mut sim, 1);
    assert_eq!(sim.log().len(), 1);
    sim.log_mut().turn_off();
    noops(&mut sim, 1);
    assert_eq!(sim.log().len(), 1, "what it has, it keeps");
    sim.log_mut().clear();
    assert_eq!(sim.log().len(), 0);
    sim.log_mut().turn_on();
    noops(&mut sim, 2);
    let newest = sim.log().turns().last().unwrap().id;
    sim.log_mut().resize(1);
    assert_eq!(sim.log().turns().map(|turn| turn.id).collect::<Vec<_>>(), [newest]);
    noops(&mut sim, 1);
    assert_eq!(sim.log().len(), 1);
    assert!(sim.log().turns().all(|turn| turn.id > newest));
}

/// G-s15a, of a sim.
#[test]
fn g_s15a_a_capacity_of_8_keeps_8_of_20() {
    let mut sim = listening();
    sim.log_mut().resize(8);
    noops(&mut sim, 20);
    assert_eq!((sim.log().len(), sim.log().capacity()), (8, 8));
}

#[test]
fn a_log_of_no_capacity_keeps_nothing_and_a_larger_one_more() {
    let mut sim = listening();
    sim.log_mut().resize(0);
    noops(&mut sim, 3);
    assert!(sim.log().is_empty());
    sim.log_mut().resize(1000);
    noops(&mut sim, 300);
    assert_eq!(sim.log().len(), 300);
}

/// The boot of a VM ends after that of the process in it, and began before.
#[test]
fn a_full_log_keeps_the_newest_turns_by_number() {
    let mut sim = sim(spawn_vm(|_, _| Transition::new((), silent(subscriber("_")))));
    let mut small = self::sim(spawn_vm(|_, _| Transition::new((), silent(subscriber("_")))));
    sim.log_mut().turn_on();
    small.log_mut().turn_on();
    small.log_mut().resize(1);
    // The spawn of the event relay comes first.
    sim.run_steps(1);
    small.run_steps(1);
    while sim.log().len() < 2 {
        sim.run_steps(1);
        small.run_steps(1);
    }
    let boots: Vec<_> = sim.log().turns().rev().take(2).map(ToString::to_string).collect();
    assert!(boots[0].starts_with("p2/p0 boots") && boots[1].starts_with("p2 boots"), "{boots:?}");
    assert_eq!(small.log().turns().collect::<Vec<_>>(), [sim.log().turns().last().unwrap()]);
}

#[test]
fn g_s12_a_call_takes_one_tick() {
    let mut sim = listening();
    noops(&mut sim, 3);
    let stamps: Vec<_> = sim.log().turns().map(|turn| turn.stamp).collect();
    assert_eq!(stamps, [stamps[0], stamps[0] + 1, stamps[0] + 2]);
}

/// The destructors of what was said may fail when the log forgets it.
#[test]
fn what_fails_when_it_is_forgotten_harms_nobody() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("bomb");
        }
    }
    let mut sim = listening();
    sim.log_mut().resize(1);
    sim.send(&value("noop"));
    sim.run();
    let exits = sim.exits().len();
    sim.spawn(process(on_message(subscriber("_"), |_| ())));
    sim.run();
    sim.send(&Opaque::new(Bomb));
    noops(&mut sim, 2);
    sim.log_mut().clear();
    assert_eq!(sim.exits().len(), exits, "{}", sim.trace());
}
