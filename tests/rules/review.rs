//! Interleavings that are easily overlooked, each under the rule that it tries.

use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// Its destructor panics.
#[derive(Debug)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

fn opaque(text: &'static str) -> Value {
    Opaque::new(Bomb(text)).into()
}

/// A handler that hears nothing and has captured a bomb.
fn with_bomb<S>(text: &'static str, role: Role) -> AddEndpoint<S> {
    let bomb = Bomb(text);
    AddEndpoint::new(role, move |_, turn| {
        let _ = &bomb;
        turn.skip()
    })
}

/// Runs it with nothing recorded, so that values die when the kernel lets go of them, and says who ended and why.
fn unrecorded(actions: impl IntoActionTree<()> + Send + 'static) -> Vec<String> {
    let mut vm = GroundVm::new(move |_| Transition::new((), actions));
    while vm.run(usize::MAX) {}
    assert_eq!(vm.stats().queued, 0);
    let mut exits = Vec::new();
    while let Some(output) = vm.poll() {
        if let Output::Exit(exit) = output {
            exits.push(format!("{}: {}", exit.pid, exit.reason));
        }
    }
    exits
}

/// A process that stays, and does this.
fn staying(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<()> {
    process((silent(publisher("stays")), actions))
}

fn listener(source: &Source) -> Role {
    Role::subscriber(Topic::record("Ground", [source.to_value().into(), Topic::any()]))
}

/// Counts its turns and is never idle.
fn spinner<S>(turns: &Arc<AtomicUsize>) -> Spawn<S> {
    fn spin(turns: Arc<AtomicUsize>) -> Transition<()> {
        // Far more than any bounded run performs, but not endless: a failing test should end.
        if turns.fetch_add(1, Ordering::Relaxed) > 1_000_000 {
            return Transition::new((), ());
        }
        Transition::new((), yield_now(move |()| spin(turns)))
    }
    let turns = turns.clone();
    spawn(move |_| spin(turns))
}

#[test]
fn r50_a_panic_that_panics_when_dropped() {
    struct Chain(u32);
    impl Drop for Chain {
        fn drop(&mut self) {
            if self.0 > 0 {
                panic_any(Self(self.0 - 1));
            }
        }
    }
    let sim = run(spawn(|_| -> Transition<()> { panic_any(Chain(3)) }));
    assert_eq!(exits(&sim), ["p2: panic: a panic without text"]);
    // An opaque value inside dies with the panic of that process, and is nobody else's failure.
    let panics = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
        Some(_) => panic_any(Opaque::new(Bomb("payload"))),
        None => turn.skip(),
    });
    assert_eq!(unrecorded((staying(panics), staying(send("x")))), ["p2: panic: a panic without text"]);
}

#[test]
fn r50_an_error_that_panics_when_shown_or_dropped() {
    #[derive(Debug)]
    struct Wild(#[expect(dead_code, reason = "it is there to be dropped")] Bomb);
    impl std::fmt::Display for Wild {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no text")
        }
    }
    impl std::error::Error for Wild {}
    let fails = || spawn(|_| Err::<Transition<()>, _>(Wild(Bomb("error"))));
    assert_eq!(unrecorded((fails(), staying(()))), ["p2: panic: no text"]);
    let sim = run((fails(), staying(())));
    assert_eq!(exits(&sim), ["p2: panic: no text"]);
}

#[test]
fn r50_who_ends_an_endpoint_is_not_to_blame_for_it() {
    // A killed process's topic.
    let victim = process(silent(Role::subscriber(opaque("topic"))));
    assert_eq!(unrecorded((victim, staying(quit().pid(pid(2))))), ["p2: killed"]);
    // The name of an endpoint that somebody's message takes.
    let named = name_endpoint(opaque("name"), once(silent(subscriber("x"))));
    assert_eq!(unrecorded((staying(named), staying(send("x")))), ["p2: panic: name"]);
}

#[test]
fn r50_what_dies_outside_the_ground_vm_is_its_senders() {
    let sends = at_meta_level(send_message(&opaque("message")));
    assert_eq!(unrecorded((staying(sends), staying((send("x"), send("x"))))), ["p2: panic: message"]);
}

#[test]
fn r50_a_failing_destructor_of_what_the_host_does_not_know() {
    let bomb = Bomb("boot");
    let child: Spawn<()> = spawn(move |_| {
        let _ = &bomb;
        Transition::new((), ())
    });
    let sim = run(staying((at_meta_level(child), at_meta_level(with_bomb("endpoint", subscriber("x"))))));
    let [exit] = &exits(&sim)[..] else { panic!("one process fails: {:?}", exits(&sim)) };
    assert!(exit.contains("no meta level"), "{exit}");
}

#[test]
fn r50_a_failing_destructor_of_a_handler_further_out() {
    // At the ground: deleted, replaced, changed, spent.
    let source = Sim::source([1u8]);
    let add = |text, role: Role| at_meta_level(name_endpoint(&1u8, with_bomb(text, role)));
    let other = Role::observer_of_publishers(listener(&source).topic);
    let ends = [
        at_meta_level(delete_endpoint(&1u8)),
        add("replaced", listener(&source)),
        add("changed", other),
        at_meta_level(name_endpoint(&1u8, once(with_bomb("spent", listener(&source))))),
    ];
    for end in ends {
        let sim = run((staying((add("first", listener(&source)), end)), staying(())));
        assert!(sim.stats().processes >= 2);
    }
    // In a nested VM: the VM and its other processes go on.
    let mut sim = run(spawn_vm(|_, _| {
        let answers = process(at_meta_level(on_message(subscriber("ping"), |_| at_meta_level(send("pong")))));
        let add = at_meta_level(name_endpoint(&1u8, with_bomb("inner", subscriber("x"))));
        Transition::new((), (answers, add, at_meta_level(delete_endpoint(&1u8))))
    }));
    sim.send(&value("ping"));
    sim.run();
    assert_eq!(sent(&sim), ["ping", "pong"]);
}

#[test]
fn r39_an_endpoint_on_its_way_out_is_not_forgotten_with_the_one_before() {
    for again in [false, true] {
        let log = Log::default();
        let inner = log.clone();
        let mut sim = run(spawn_vm(move |_, _| {
            let add = move |log: &Log| {
                at_meta_level(name_endpoint(&1u8, once(log.endpoint("once", subscriber("x")))))
            };
            let first = add(&inner);
            let go = on_message(subscriber("go"), move |_| {
                (again.then(|| at_meta_level(delete_endpoint(&1u8))), add(&inner))
            });
            let stop = on_message(subscriber("stop"), |_| at_meta_level(delete_endpoint(&1u8)));
            Transition::new((), (first, at_meta_level(go), at_meta_level(stop)))
        }));
        // The VM hands out the second endpoint; before the container adds it, a message takes the first one.
        sim.send(&value("go"));
        sim.step();
        sim.send(&value("x"));
        sim.run();
        sim.send(&value("stop"));
        sim.run();
        log.take();
        sim.send(&value("x"));
        sim.run();
        assert!(log.take().is_empty(), "it was deleted");
    }
}

#[test]
fn r60_a_deletion_two_levels_out_that_comes_too_late() {
    let far = |action: PreAction<()>| action.at_meta_level().at_meta_level();
    let mut sim = run(spawn_vm(move |_, _| {
        let inner = spawn_vm(move |_, _| {
            let stays = process(far(silent(subscriber("stays")).into()));
            let takes = name_endpoint(&1u8, once(silent(subscriber("x"))));
            let go = once(on_message(subscriber("go"), move |_| far(delete_endpoint(&1u8))));
            Transition::new((), (stays, far(takes.into()), far(go.into())))
        });
        Transition::new((), inner)
    }));
    sim.send(&value("go"));
    sim.step();
    sim.send(&value("x"));
    sim.run();
    assert_eq!(trace_of(&sim, "p2/p1/p0").last().map(String::as_str), Some("is dropped"));
}

#[test]
fn r70_vms_do_not_nest_without_end() {
    fn nest<S>() -> Spawn<S> {
        spawn_vm(|_, _| Transition::new((), (silent::<()>(publisher("stays")), nest::<()>())))
    }
    let mut sim = run((nest(), staying(())));
    let ended = exits(&sim);
    assert_eq!(ended.len(), 1, "the innermost one cannot be made");
    assert!(ended[0].contains("nest"), "{}", ended[0]);
    sim.shutdown();
    sim.run();
    assert!(sim.is_done());
}

#[test]
fn r71_actions_do_not_go_out_without_end() {
    let sim = run((
        spawn(|_| {
            let far = (0..1_000_000).fold(quit(), |action, _| action.at_meta_level());
            Transition::new((), far)
        }),
        staying(()),
    ));
    assert_eq!(exits(&sim).len(), 1);
}

#[test]
fn r70_a_turn_that_fills_the_containers_queue_is_the_same_in_slices() {
    let make = || {
        let mut sim = sim((
            staying(()),
            spawn_vm(|_, _| {
                let many: Vec<_> = (0..50).map(|_| at_meta_level(send("x"))).collect();
                Transition::new((), (at_meta_level(silent(subscriber("y"))), many))
            }),
        ));
        sim.set_limits(Limits { queued: 30, ..Limits::default() });
        sim
    };
    let mut whole = make();
    whole.run();
    let mut stepped = make();
    while stepped.step() {}
    assert_eq!(exits(&whole), ["p3: queue full: 30 actions are waiting already"]);
    assert!(stepped.trace() == whole.trace());
}

#[test]
fn r80_nothing_is_left_of_a_subscription_that_left_at_once() {
    let source = Sim::source([1u8]);
    let sim = run(staying((name_endpoint(&1u8, silent(listener(&source))), delete_endpoint(&1u8))));
    assert!(!sim.is_on(&source));
    // The relay's own, and the one of the process that stays.
    assert_eq!(sim.stats().endpoints, 2);
}

#[test]
fn r77_a_ground_event_is_of_a_source() {
    for topic in ["Ground(5, _)", "Ground(5, 6)", "_", "ground(_, _)"] {
        let sim = run(staying(at_meta_level(silent(subscriber(topic)))));
        assert_eq!(exits(&sim).len(), 1, "{topic}");
    }
    let sim = run(staying(at_meta_level(silent(subscriber("Ground(_, 5)")))));
    assert!(exits(&sim).is_empty());
}

#[test]
fn r30_a_change_at_the_outermost_level_is_atomic() {
    let log = Log::default();
    let source = Sim::timeline([(Duration::from_secs(1), vec![1u8, 2])], Reason::Normal);
    let ear = |role| at_meta_level(name_endpoint(&1u8, log.endpoint("ear", role)));
    let pair = Topic::record("Ground", [source.to_value().into(), topic("[_, _]")]);
    let observer = Role::observer_of_publishers(Topic::record("Ground", [Topic::any(), Topic::any()]));
    let watch = at_meta_level(log.endpoint("watch", observer));
    let mut sim = run((watch, ear(listener(&source)), ear(Role::subscriber(pair))));
    assert!(sim.is_on(&source), "the change does not turn it off");
    let heard: Vec<_> =
        log.take().iter().map(|line| line.replace(&format!("{:?}", source.to_value()), "s")).collect();
    assert_eq!(
        heard,
        [
            "watch: vacancy: no publisher Ground(_, _)",
            "watch: presence of publisher Ground(s, _)",
            "ear: presence of publisher Ground(s, _)",
            "ear: presence of publisher Ground(s, [_, _])",
            "ear: absence of publisher Ground(s, _) (changed)",
        ]
    );
    sim.advance(Duration::from_secs(1));
    assert_eq!(log.take().iter().filter(|line| line.starts_with("ear: message")).count(), 1);
    // To another source: that one is turned on, this one off.
    let (one, two) = (
        Sim::timeline([(Duration::from_secs(1), 1u8)], Reason::Normal),
        Sim::timeline([(Duration::from_secs(1), 2u8)], Reason::Normal),
    );
    let sim = run((ear(listener(&one)), ear(listener(&two))));
    assert_eq!((sim.is_on(&one), sim.is_on(&two)), (false, true));
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
fn r81_time_passes_a_source_without_credit() {
    let second = Duration::from_secs(1);
    let waits = Sim::credited([(Duration::ZERO, 0u8)], Reason::Normal);
    let one = Sim::timeline([(second, 1u8)], Reason::Normal);
    let two = Sim::timeline([(second, 2u8)], Reason::Normal);
    let log = Log::default();
    let then = at_meta_level(log.endpoint("two", listener(&two)));
    let then = std::sync::Mutex::new(Some(then));
    let first = on_message(listener(&one), move |_| then.lock().ok().and_then(|mut then| then.take()));
    let mut sim = run((at_meta_level(silent(listener(&waits))), at_meta_level(first)));
    sim.advance(2 * second);
    assert!(log.take().iter().any(|line| line.starts_with("two: message")), "one second after the first");
}

#[test]
fn r50_an_item_that_nests_too_deep_as_a_ground_event() {
    let deep = (0..MAX_DEPTH).fold(Value::UNIT, |inner, _| Value::sequence([inner]));
    let log = Log::default();
    let (bad, good) = (Sim::source([deep]), Sim::source([1u8]));
    let ear = |label, source| process(at_meta_level(log.endpoint(label, listener(source))));
    let sim = run((ear("bad", &bad), ear("good", &good)));
    assert!(!sim.is_on(&bad));
    let heard = log.take();
    assert!(heard.iter().any(|line| line.starts_with("bad: absence") && line.contains("deep")), "{heard:?}");
    assert!(heard.iter().any(|line| line.starts_with("good: message")));
}

#[test]
fn r80_a_source_for_another_host_ends_at_once() {
    let source = Source::new(());
    let ends =
        AddEndpoint::new(listener(&source), |event, turn| turn.act(event.is_absence().then(|| send("gone"))));
    assert_eq!(sent(&run(at_meta_level(ends))), ["gone"]);
}
