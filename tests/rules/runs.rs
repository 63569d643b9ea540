//! R16 to R18: how far a run goes, and the limit of the queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

#[test]
fn r16_a_vm_is_idle_when_its_queue_is_empty() {
    let mut vm = GroundVm::new(|_| Transition::new((), (silent(publisher("x")), send("x"))));
    let mut steps = 0;
    while !vm.is_idle() {
        assert_ne!(vm.stats().queued, 0);
        assert!(vm.step());
        steps += 1;
    }
    assert_eq!((steps, vm.stats().queued), (3, 0));
    assert!(!vm.step());
    vm.send(&value("x"));
    assert!(!vm.is_idle());
    assert!(!vm.run(1));
    assert!(vm.is_idle());
}

/// Two processes that keep each other busy for ever, one of them so many VMs down.
fn for_ever(depth: u64) -> Spawn<()> {
    match depth {
        0 => process((on_message(subscriber("ping"), |_| send("ping")), send("ping"))),
        depth => spawn_vm(move |_, _| Transition::new((), for_ever(depth - 1))),
    }
}

/// How many innermost actions were performed: all but a nested VM's coming to its turn.
fn innermost(vm: &GroundVm) -> usize {
    let is_vm = |record: &Record| {
        let path = |other: &Record| {
            other.vm.first().copied() == record.pid || other.vm.get(1).copied() == record.pid
        };
        record.pid.is_some()
            && vm
                .trace()
                .unwrap()
                .records()
                .iter()
                .any(|other| path(other) && other.vm.len() > record.vm.len())
    };
    let count = |record: &&Record| match &record.what {
        What::Performed { action: Performed::Resume, .. } => !is_vm(record),
        What::Performed { .. } => true,
        _ => false,
    };
    vm.trace().unwrap().records().iter().filter(count).count()
}

#[test]
fn r17_a_run_is_bounded_by_innermost_actions_at_any_depth() {
    for depth in 0..3 {
        let mut vm = GroundVm::recorded(move |_| Transition::new((), for_ever(depth)));
        let mut performed = 0;
        for steps in [0, 1, 1, 2, 3, 50, 1] {
            assert!(vm.run(steps), "it is never idle");
            performed += steps;
            assert_eq!(innermost(&vm), performed, "depth {depth}");
        }
    }
    let mut vm = GroundVm::new(|_| Transition::new((), (send("a"), send("b"))));
    assert!(vm.run(2));
    assert!(!vm.run(1), "nothing is left: the last action was the relay's");
    assert!(!vm.run(5));
}

#[test]
fn r17_a_sim_is_bounded_when_an_item_starts_a_process_that_is_never_idle() {
    let turns = Arc::new(AtomicUsize::new(0));
    let spins = turns.clone();
    let source = Sim::source([1u8]);
    let ear = on_message(listener(&source), move |_| spinner(&spins));
    let mut sim = sim(at_meta_level(ear));
    for _ in 0..5 {
        sim.run_steps(10);
    }
    assert!((1..=50).contains(&turns.load(Ordering::Relaxed)));
    for _ in 0..5 {
        sim.step();
    }
    assert!(turns.load(Ordering::Relaxed) <= 55);
}

#[test]
fn r18_the_process_whose_turn_crosses_the_limit_fails() {
    let log = Log::default();
    let flood = |n: usize| move |_: &Value| (0..n).map(|_| send("drop")).collect::<ActionTree<()>>();
    let mut sim = sim((
        process((log.endpoint("flood", publisher("flood")), on_message(subscriber("go"), flood(20)))),
        process(on_message(subscriber("go"), flood(5))),
        log.endpoint("watch", subscriber("flood")),
    ));
    sim.run();
    log.take();
    sim.set_limits(Limits { queued: 10, ..Limits::default() });
    sim.send(&value("go"));
    sim.run();
    assert_eq!(
        log.take(),
        ["watch: absence of publisher flood (queue full: 10 actions are waiting already)"]
    );
    let reason = &sim.exits()[0].reason;
    let Reason::Error(error) = reason else { panic!("{reason}") };
    assert_eq!(error.downcast_ref(), Some(&VmError::QueueFull { limit: 10 }));
    assert_eq!(sim.exits().len(), 1, "the other one stayed below the limit");
    assert_eq!(
        sent(&sim).iter().filter(|body| *body == "drop").count(),
        5,
        "the failed turn's actions are dropped"
    );
}

#[test]
fn r18_one_action_crosses_the_limit_too() {
    let answers: [fn(&Value) -> ActionTree<()>; 2] =
        [|_| send("drop").into_action_tree(), |_| feedback("drop").into_action_tree()];
    for answer in answers {
        let mut sim = sim([0; 12].map(|_| process(on_message(subscriber("go"), answer))));
        sim.run();
        sim.set_limits(Limits { queued: 10, ..Limits::default() });
        sim.send(&value("go"));
        sim.run();
        let full = "queue full: 10 actions are waiting already";
        assert_eq!(exits(&sim), [format!("p12: {full}"), format!("p13: {full}")]);
        assert_eq!(sent(&sim).iter().filter(|body| *body == "drop").count(), 10);
    }
}

#[test]
fn r18_the_limit_holds_for_boots_yields_and_continuations() {
    let flood = || (0..20).map(|_| send("drop")).collect::<ActionTree<()>>();
    let starts: [Box<dyn Fn() -> Spawn<()>>; 3] = [
        Box::new(move || spawn(move |_| Transition::new((), flood()))),
        Box::new(move || process(yield_now(move |()| Transition::new((), flood())))),
        Box::new(move || process(process(()).then(move |(), _| Transition::new((), flood())))),
    ];
    for (i, start) in starts.iter().enumerate() {
        let mut sim = sim(silent(publisher("x")));
        sim.run();
        sim.set_limits(Limits { queued: 10, ..Limits::default() });
        sim.spawn(start());
        sim.run();
        assert_eq!(sent(&sim), [""; 0], "start {i}");
        assert_eq!(exits(&sim), ["p2: queue full: 10 actions are waiting already"], "start {i}");
    }
}
