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

/// A signal may come again while the program ends.
#[test]
fn r83_a_second_shutdown_is_not_announced_again() {
    let told = Arc::new(AtomicUsize::new(0));
    let tell = told.clone();
    let mut vm = GroundVm::new(move |_| {
        transition_no_state!(marketplace::subscriber!(
            "x",
            on_shutdown!({
                tell.fetch_add(1, Ordering::Relaxed);
            })
        ))
    });
    vm.run(usize::MAX);
    vm.shutdown();
    while told.load(Ordering::Relaxed) == 0 {
        assert!(vm.run(1));
    }
    vm.shutdown();
    while vm.run(usize::MAX) {}
    assert!(vm.is_done());
    assert_eq!(told.load(Ordering::Relaxed), 1);
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

/// An endpoint that says this when the program is about to end.
fn last_word<S: Send + 'static>(role: Role, says: &'static str) -> AddEndpoint<S> {
    AddEndpoint::new(
        role,
        move |event, turn| {
            if event.is_shutdown() { turn.act(send(says)) } else { turn.skip() }
        },
    )
    .heeding_shutdown()
}

#[test]
fn r83_endpoints_hear_of_shutdown_before_processes_quit() {
    let log = Log::default();
    let ear = process((log.endpoint("ear", subscriber("_")), log.endpoint("peer", subscriber("p"))));
    let guest = |says| process((last_word(subscriber("a"), says), last_word(subscriber("b"), says)));
    let mut sim = run((ear, guest("first"), guest("second"), process(silent(publisher("p")))));
    log.take();
    sim.shutdown();
    sim.run();
    assert!(sim.is_done());
    // The youngest first; each endpoint once; all before anybody is gone.
    assert_eq!(sent(&sim), ["second", "second", "first", "first"]);
    let heard = log.take();
    assert_eq!(heard.len(), 6, "{heard:?}");
    assert!(heard[4..].iter().all(|line| line.contains("absence")), "{heard:?}");
}

#[test]
fn r83_what_a_last_word_leads_to_is_performed_before_processes_quit() {
    let deep = spawn_vm(|_, _| {
        let relay = process(on_message(subscriber("goodbye"), |_| at_meta_level(send("heard"))));
        let inner = spawn_vm(|_, _| {
            let says = AddEndpoint::new(subscriber("x"), |event, turn| {
                if event.is_shutdown() { turn.act(at_meta_level(send("goodbye"))) } else { turn.skip() }
            });
            Transition::new((), (process(says.heeding_shutdown()), at_meta_level(silent(subscriber("o")))))
        });
        Transition::new((), (relay, inner, at_meta_level(silent(subscriber("o")))))
    });
    let mut sim = run(deep);
    sim.shutdown();
    sim.run();
    assert!(sim.is_done());
    assert_eq!(sent(&sim), ["goodbye", "heard"]);
}

#[test]
fn r83_an_endpoint_at_the_meta_level_hears_of_shutdown() {
    let source = Sim::timeline([(second(9), 1u8)], Reason::Normal);
    let outside = last_word(Role::subscriber(items_of(&source)), "outside");
    let inside = spawn_vm(|_, _| {
        Transition::new(
            (),
            process((silent(publisher("y")), at_meta_level(last_word(subscriber("x"), "inside")))),
        )
    });
    let mut sim = run((process((at_meta_level(outside), silent(publisher("z")))), inside));
    sim.shutdown();
    sim.run();
    assert!(sim.is_done());
    assert_eq!(sent(&sim), ["outside", "inside"]);
}

#[test]
fn r83_a_last_word_without_end_ends() {
    let spins = AddEndpoint::new(subscriber("again"), |event, turn| {
        if event.is_shutdown() || event.body().is_some() { turn.act(send("again")) } else { turn.skip() }
    });
    let spins = process(spins.heeding_shutdown());
    let mut vm = GroundVm::new(move |_| Transition::new((), spins));
    assert!(!vm.run(usize::MAX));
    vm.shutdown();
    assert!(!vm.run(usize::MAX));
    assert!(vm.is_done());
}

#[test]
fn r83_a_handler_that_fails_at_shutdown_fails_its_process_alone() {
    let fails = AddEndpoint::new(subscriber("a"), |event, turn| {
        if event.is_shutdown() { panic!("no last word") } else { turn.skip() }
    });
    let mut sim = run((process(last_word(subscriber("b"), "well")), process(fails.heeding_shutdown())));
    sim.shutdown();
    sim.run();
    assert!(sim.is_done());
    assert_eq!(sent(&sim), ["well"]);
    assert!(exits(&sim).iter().any(|exit| exit.contains("no last word")), "{:?}", exits(&sim));
}
