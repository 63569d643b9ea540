//! R50: destructors that fail, wherever they run.

use std::panic::panic_any;

use marketplace::sim::Sim;
use marketplace::*;

use crate::failure::{beside, still_works};
use crate::support::*;

/// Its destructor panics.
#[derive(Debug)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

#[test]
fn r50_a_failing_destructor_of_the_state() {
    // Replaced by a transition: the process that did so fails.
    let replaces = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
        Some(_) => turn.transition(|old: Option<Bomb>| {
            drop(old);
            Transition::new(None, send("never"))
        }),
        None => turn.skip(),
    });
    let (mut sim, _) = beside(spawn(|_| Transition::new(Some(Bomb("state")), replaces)));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(exits(&sim), ["p3: panic: state"]);
    assert!(!sent(&sim).contains(&"never".to_string()));
    still_works(sim);
    // Dropped with its process: the process has ended well.
    let (sim, log) =
        beside(spawn(|_| Transition::new(Bomb("state"), (silent(publisher("sign(1)")), quit()))));
    assert_eq!(log.take()[1..], ["watch: absence of publisher sign(1) (normal)"]);
    assert_eq!(exits(&sim), ["p3: normal"]);
    still_works(sim);
    // Dropped as garbage.
    let (sim, _) = beside(spawn(|_| Transition::new(Bomb("state"), ())));
    assert_eq!(sim.stats().processes, 2);
    still_works(sim);
    // Dropped because of another failure: that one is the reason.
    let fails = || on_message(subscriber("x"), |_| -> () { panic!("first") });
    let (mut sim, _) = beside(spawn(move |_| Transition::new(Bomb("second"), fails())));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(exits(&sim), ["p3: panic: first"]);
    still_works(sim);
}

/// Notes when it is dropped.
struct Noting(Log, &'static str);

impl Drop for Noting {
    fn drop(&mut self) {
        self.0.note(self.1);
    }
}

#[test]
fn r50_a_process_that_fails_has_no_state_any_more() {
    let log = Log::default();
    let state = Noting(log.clone(), "the state is dropped");
    let says = on_message(subscriber("x"), |_| send("said-before"));
    let fails = on_message(subscriber("fail"), |_| -> () { panic!("failed") });
    let mut sim = run((
        log.endpoint("watch", subscriber("said-before")),
        spawn(move |_| Transition::new(state, (says, fails))),
    ));
    log.take();
    sim.send(&value("x"));
    sim.send(&value("fail"));
    sim.run();
    assert_eq!(exits(&sim), ["p2: panic: failed"]);
    // The actions that it had asked for before are performed later.
    assert_eq!(log.take(), ["the state is dropped", "watch: message said-before"]);
}

#[test]
fn r12_a_vm_that_ends_drops_its_processes_in_the_order_of_their_pids() {
    let log = Log::default();
    let noted = log.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        let stays = move |name| {
            let state = Noting(noted.clone(), name);
            spawn(|_| Transition::new(state, silent(publisher("stays"))))
        };
        let second = stays("second");
        // It takes the place of the first, which has gone.
        let third = yield_now(move |()| Transition::new((), stays("third")));
        let holds = at_meta_level(silent(publisher("holds-the-vm")));
        let first = process((silent(publisher("goes")), quit()));
        Transition::new((), (first, second, holds, third))
    }));
    assert_eq!(log.take(), [""; 0]);
    sim.kill(pid(2), Reason::Normal);
    sim.run();
    assert_eq!(log.take(), ["second", "third"]);
}

/// A handler that hears nothing and has captured a bomb.
fn with_bomb<S>(text: &'static str, role: Role) -> AddEndpoint<S> {
    let bomb = Bomb(text);
    AddEndpoint::new(role, move |_, turn| {
        let _ = &bomb;
        turn.skip()
    })
}

#[test]
fn r50_a_failing_destructor_of_a_handler() {
    // Deleted or replaced while the process lives: it fails.
    let sign = || (silent(publisher("sign(1)")), name_endpoint(1u8, with_bomb("handler", subscriber("x"))));
    for end in [
        || -> PreAction<()> { delete_endpoint(1u8) },
        || name_endpoint(1u8, silent(subscriber("x"))).into(),
        || name_endpoint(1u8, silent(subscriber("y"))).into(),
    ] {
        let (sim, log) = beside(process((sign(), end())));
        assert_eq!(log.take()[1..], ["watch: absence of publisher sign(1) (panic: handler)"]);
        still_works(sim);
    }
    // Spent.
    let (sim, log) =
        beside(process((silent(publisher("sign(1)")), once(with_bomb("once", subscriber("x"))), send("x"))));
    assert_eq!(log.take()[1..], ["watch: absence of publisher sign(1) (panic: once)"]);
    still_works(sim);
    // Gone with its process.
    let (sim, log) = beside(process((sign(), quit())));
    assert_eq!(log.take()[1..], ["watch: absence of publisher sign(1) (normal)"]);
    still_works(sim);
    // Killed, with the endpoint still in the queue.
    let (sim, _) = beside(process((quit(), with_bomb("queued", subscriber("x")))));
    assert_eq!(exits(&sim), ["p3: normal"]);
    still_works(sim);
}

#[test]
fn r50_several_failing_destructors_in_one_process() {
    let all = || {
        (
            with_bomb("one", subscriber("x")),
            with_bomb("two", subscriber("x")),
            with_bomb("three", subscriber("x")),
        )
    };
    let (sim, _) = beside(spawn(move |_| Transition::new(Bomb("state"), (all(), quit()))));
    assert_eq!(exits(&sim), ["p3: normal"]);
    still_works(sim);
    // With what is still in the queue: endpoints, a yield, a continuation.
    let (sim, _) = beside(spawn(move |_| {
        let (one, two) = (Bomb("yield"), Bomb("continuation"));
        let keeps = yield_now(move |state: Bomb| {
            let _ = &one;
            Transition::new(state, ())
        });
        let waits = process(()).then(move |state: Bomb, _| {
            let _ = &two;
            Transition::new(state, ())
        });
        let add = |text| with_bomb(text, subscriber("x"));
        Transition::new(Bomb("state"), (quit(), add("one"), add("two"), waits, keeps))
    }));
    assert_eq!(exits(&sim), ["p3: normal"]);
    still_works(sim);
    // In a nested VM that ends.
    let (sim, _) = beside(spawn_vm(move |_, _| {
        let more = spawn(move |_| Transition::new(Bomb("state"), all()));
        Transition::new(
            Bomb("boot"),
            (
                more,
                with_bomb("boot", subscriber("x")),
                yield_now(|s| Transition::new(s, at_meta_level(quit()))),
            ),
        )
    }));
    assert_eq!(exits(&sim), ["p3: normal"]);
    still_works(sim);
}

#[test]
fn r18_what_does_not_fit_fails_each_by_itself() {
    let yields = |text| {
        let bomb = Bomb(text);
        yield_now(move |()| {
            let _ = &bomb;
            Transition::new((), ())
        })
    };
    let answer = move |_: &Value| ["one", "two", "three"].map(yields);
    let (mut sim, _) = beside(process(on_message(subscriber("x"), answer)));
    sim.set_limits(Limits { queued: 2, ..Limits::default() });
    sim.send(&value("x"));
    sim.run();
    assert_eq!(exits(&sim), ["p3: panic: one"]);
    assert_eq!(sim.stats().queued, 0);
    still_works(sim);
}

/// The action that makes a process, whose boot has captured a bomb.
fn boots<S>(text: &'static str) -> Spawn<S> {
    let bomb = Bomb(text);
    spawn(move |_| {
        let _ = &bomb;
        Transition::new((), ())
    })
}

#[test]
fn r18_a_spawn_that_does_not_fit_goes_part_by_part() {
    let waits = |text| {
        let bomb = Bomb(text);
        move |(), _| {
            let _ = &bomb;
            Transition::new((), ())
        }
    };
    let answer = move |_: &Value| boots("boot").then(waits("continuation"));
    let (mut sim, _) = beside(process(on_message(subscriber("x"), answer)));
    sim.set_limits(Limits { queued: 0, ..Limits::default() });
    sim.send(&value("x"));
    sim.run();
    assert_eq!(exits(&sim), ["p3: panic: boot"]);
    sim.set_limits(Limits::default());
    still_works(sim);
    // No place is left for the endpoints that the child is given.
    let (mut sim, _) = beside(process(()));
    sim.set_limits(Limits { endpoints: 3, ..Limits::default() });
    let child = spawn(|_| Transition::new((), (boots("one"), boots("two"))));
    sim.spawn(child.with_endpoint(subscriber("x"), |_| None));
    sim.run();
    assert_eq!(exits(&sim), ["p4: panic: one"]);
    still_works(sim);
}

#[test]
fn r50_what_a_child_is_given_goes_by_itself() {
    // Not given, since the boot fails.
    let fails = |text: &'static str| -> Spawn<()> {
        spawn(move |_| -> Result<Transition<()>, Failure> { Err(Failure(because(text))) })
    };
    let (sim, _) = beside(fails("no").holding(Bomb("held")));
    assert_eq!(exits(&sim), ["p3: no"]);
    still_works(sim);
    let panics: Spawn<()> = spawn(|_| -> Transition<()> { panic!("boot") });
    let (sim, _) = beside(panics.holding(Bomb("one")).holding(Bomb("two")));
    assert_eq!(exits(&sim), ["p3: panic: boot"]);
    still_works(sim);
    // Dropped with the boot.
    let (mut sim, _) = beside(process(()));
    sim.set_limits(Limits { processes: 3, ..Limits::default() });
    sim.spawn(process(boots("boot").holding(Bomb("held"))));
    sim.run();
    assert_eq!(exits(&sim), ["p4: panic: boot"]);
    still_works(sim);
}

/// Runs it with nothing recorded, so that values die when the kernel lets go of them, and says who
/// ended and why. The boot process is well.
fn unrecorded(doomed: impl IntoActionTree<()> + Send + 'static) -> Vec<String> {
    let mut vm = GroundVm::new(move |_| {
        let actions =
            (on_message(subscriber("ping"), |_| send("pong")), silent(subscriber("sign(_)")), doomed);
        Transition::new((), actions)
    });
    while vm.run(usize::MAX) {}
    vm.send(&value("ping"));
    while vm.run(usize::MAX) {}
    assert_eq!(vm.stats().queued, 0);
    let mut exits = Vec::new();
    while let Some(output) = vm.poll() {
        if let Output::Exit(exit) = output {
            exits.push(format!("{}: {}", exit.pid, exit.reason));
        }
    }
    assert!(vm.outcome().is_ok(), "the boot process is well");
    exits
}

fn opaque(text: &'static str) -> Value {
    Opaque::new(Bomb(text)).into()
}

#[test]
fn r50_a_failing_destructor_of_an_opaque_value() {
    // A message that nobody keeps dies in the step that sends it.
    let stays = || silent(publisher("sign(1)"));
    let sends = move |body: Value| (stays(), send_message(&body));
    assert_eq!(
        unrecorded(spawn(move |_| Transition::new((), sends(opaque("message"))))),
        ["p2: panic: message"]
    );
    let several = move || Value::sequence([opaque("one"), opaque("two"), opaque("three")]);
    assert_eq!(unrecorded(spawn(move |_| Transition::new((), sends(several())))), ["p2: panic: one"]);
    // It dies in its process's queue, or with its process: that has ended.
    let queued =
        spawn(move |_| Transition::new((), (quit(), send_message(&several()), send_message(&several()))));
    assert_eq!(unrecorded(queued), ["p2: normal"]);
    let kept = spawn(move |_| {
        let named = name_endpoint(several(), silent(Role::subscriber(several())));
        Transition::new(several(), (named, quit().because(Reason::Value(several()))))
    });
    assert_eq!(unrecorded(kept).len(), 1);
    // In a topic, a name, a reason.
    let deletes = spawn(move |_| {
        let name = several();
        let named = name_endpoint(name.clone(), silent(Role::subscriber(several())));
        Transition::new((), (stays(), named, delete_endpoint(name).because(Reason::Value(opaque("reason")))))
    });
    assert_eq!(unrecorded(deletes).len(), 1);
    // The host's.
    let mut vm = GroundVm::new(move |_| Transition::new((), stays()));
    vm.send(&several());
    while vm.run(usize::MAX) {}
    assert!(vm.outcome().is_ok());
}

#[test]
fn r50_a_failing_destructor_of_a_handler_further_out_spares_the_vm() {
    let out = |text, role| at_meta_level::<()>(name_endpoint(1u8, with_bomb(text, role)));
    let ends: [fn() -> ActionTree<()>; 4] = [
        || at_meta_level(delete_endpoint(1u8)),
        || at_meta_level(name_endpoint(1u8, silent(subscriber("x")))),
        || at_meta_level(name_endpoint(1u8, silent(subscriber("y")))),
        || quit().into_action_tree(),
    ];
    for end in ends {
        let (mut sim, log) = beside(spawn_vm(move |_, _| {
            let sibling = process((
                at_meta_level(silent(publisher("sign(1)"))),
                at_meta_level(on_message(subscriber("in"), |_| at_meta_level(send("out")))),
            ));
            Transition::new((), (sibling, process((out("meta", subscriber("x")), end()))))
        }));
        sim.send(&value("in"));
        sim.run();
        assert_eq!(sent(&sim).last().unwrap(), "out");
        assert_eq!(log.take(), ["watch: presence of publisher sign(1)"]);
        still_works(sim);
    }
    // One of the two, that a message takes.
    let (mut sim, log) = beside(spawn_vm(move |_, _| {
        let sibling = process(at_meta_level(silent(publisher("sign(1)"))));
        Transition::new((), (sibling, process(at_meta_level(once(with_bomb("once", subscriber("x")))))))
    }));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(log.take(), ["watch: presence of publisher sign(1)"]);
    still_works(sim);
}

#[test]
fn r50_a_failing_destructor_of_a_continuation_further_out_spares_the_vm() {
    let (sim, log) = beside(spawn_vm(move |_, _| {
        let sibling = process(at_meta_level(silent(publisher("sign(1)"))));
        let bomb = Bomb("continuation");
        let waits = process(()).then(move |(), _| {
            let _ = &bomb;
            Transition::new((), ())
        });
        Transition::new((), (sibling, process((at_meta_level(waits), quit()))))
    }));
    assert_eq!(log.take(), ["watch: presence of publisher sign(1)"]);
    still_works(sim);
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
    let add = |text, role: Role| at_meta_level(name_endpoint(1u8, with_bomb(text, role)));
    let other = Role::observer_of_publishers(listener(&source).topic);
    let ends = [
        at_meta_level(delete_endpoint(1u8)),
        add("replaced", listener(&source)),
        add("changed", other),
        at_meta_level(name_endpoint(1u8, once(with_bomb("spent", listener(&source))))),
    ];
    for end in ends {
        let sim = run((staying((add("first", listener(&source)), end)), staying(())));
        assert!(sim.stats().processes >= 2);
    }
    // In a nested VM: the VM and its other processes go on.
    let mut sim = run(spawn_vm(|_, _| {
        let answers = process(at_meta_level(on_message(subscriber("ping"), |_| at_meta_level(send("pong")))));
        let add = at_meta_level(name_endpoint(1u8, with_bomb("inner", subscriber("x"))));
        Transition::new((), (answers, add, at_meta_level(delete_endpoint(1u8))))
    }));
    sim.send(&value("ping"));
    sim.run();
    assert_eq!(sent(&sim), ["ping", "pong"]);
}
