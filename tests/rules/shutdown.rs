//! R17, R83: how a program is ended in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

#[test]
fn r83_shutdown_ends_processes_youngest_first() {
    let log = Log::default();
    let source = Sim::timeline([(second(9), 1u8)], Reason::Normal);
    let peer = |n: u8| process(log.endpoint(&format!("p{n}"), publisher(&format!("x({n})"))));
    // The driver, an older process, sees its clients go, and then flushes.
    let driver = process((
        log.doing("driver", subscriber("x(_)"), |heard| {
            matches!(heard, Heard::Absence(..)).then(|| send("flush"))
        }),
        silent(Role::subscriber(items_of(&source))),
    ));
    let mut sim = run((driver, peer(3), peer(4), silent(publisher("boot"))));
    log.take();
    sim.shutdown();
    sim.run();
    assert!(sim.is_done());
    assert_eq!(sim.outcome(), Ok(()));
    assert_eq!(
        log.take(),
        ["driver: absence of publisher x(4) (shutdown)", "driver: absence of publisher x(3) (shutdown)"]
    );
    assert_eq!(sent(&sim), ["flush", "flush"]);
    assert_eq!(exits(&sim), ["p4", "p3", "p2", "p1", "p0"].map(|p| format!("{p}: shutdown")));
    assert!(!sim.is_on(&source));
}

#[test]
fn r83_shutdown_ends_a_program_that_is_never_idle() {
    let busy = process((on_message(subscriber("tick"), |_| send("tick")), send("tick")));
    let mut vm = GroundVm::new(move |_| Transition::new((), busy));
    assert!(vm.run(100));
    vm.shutdown();
    assert!(!vm.run(usize::MAX));
    assert!(vm.is_done());
    assert_eq!(vm.stats().processes, 0);
}

#[test]
fn r17_a_bounded_run_is_bounded_in_shutdown_too() {
    let turns = Arc::new(AtomicUsize::new(0));
    let spins = spinner(&turns);
    let mut vm = GroundVm::new(move |_| Transition::new((), (spins, staying(()))));
    vm.run(100);
    vm.shutdown();
    let before = turns.load(Ordering::Relaxed);
    assert!(vm.run(10));
    assert!(turns.load(Ordering::Relaxed) <= before + 10);
    while vm.run(1000) {}
    assert!(vm.is_done());
    assert!(turns.load(Ordering::Relaxed) < 100_000, "it did not wait for the VM to be idle");
}

#[test]
fn r83_the_trace_of_a_shutdown_does_not_depend_on_slices() {
    let make = || {
        let turns = Arc::default();
        let mut sim =
            sim((spinner(&turns), staying(()), spawn_vm(move |_, _| Transition::new((), spinner(&turns)))));
        sim.run_steps(50);
        sim.shutdown();
        sim
    };
    let mut whole = make();
    whole.run();
    let mut sliced = make();
    while sliced.run_steps(7) {}
    assert_eq!(exits(&whole).len(), 4);
    assert!(whole.is_done() && sliced.is_done());
    assert!(whole.trace() == sliced.trace());
}

#[test]
fn r83_shutdown_ends_what_goes_on_making_processes() {
    fn chain<S>(made: Arc<AtomicUsize>) -> Spawn<S> {
        spawn(move |_| {
            let more = made.fetch_add(1, Ordering::Relaxed) < 200_000;
            Transition::new((), (silent(publisher("stays")), more.then(|| chain::<()>(made))))
        })
    }
    let mut vm = GroundVm::new(move |_| Transition::new((), chain::<()>(Arc::default())));
    vm.run(10);
    vm.shutdown();
    for _ in 0..20 {
        vm.run(10_000);
    }
    assert!(vm.is_done());
    assert!(vm.outcome().is_ok());
}
