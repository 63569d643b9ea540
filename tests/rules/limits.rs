//! How much there may be in a VM: R18; and how deep it may nest: R70, R71. The limit of queued
//! actions is in `scheduling.rs`.

use std::sync::{Arc, Mutex};

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// The limits of a test, which says which one it is about.
fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// A sim whose ground VM has these limits.
fn sim_within(limits: Limits, actions: impl IntoActionTree<()> + Send + 'static) -> Sim {
    let mut sim = sim(actions);
    sim.set_limits(limits);
    sim
}

fn big(bytes: usize) -> Value {
    Value::record("big", ["x".repeat(bytes).to_value()])
}

/// For each big message that it hears, it sends two.
fn doubler() -> Spawn<()> {
    process(on_message(subscriber("big(_)"), |body| {
        let bytes = body.to_string().len() - r#"big("")"#.len();
        [send_message(&big(bytes)), send_message(&big(bytes))]
    }))
}

#[test]
fn r18_messages_that_double_end_at_the_limit_of_bytes() {
    let limit = 1_000_000;
    let mut sim = sim_within(limits(|l| l.queued_bytes = limit), (doubler(), doubler()));
    sim.run();
    sim.send(&big(100_000));
    let mut most = 0;
    for _ in 0..1_000 {
        if !sim.step() {
            break;
        }
        most = most.max(sim.stats().queued_bytes);
    }
    assert!((limit / 2..=limit).contains(&most), "{most}");
    assert_eq!((sim.stats().queued, sim.stats().queued_bytes), (0, 0), "it ends");
    let too_large = "queue too large: at most 1000000 bytes may wait";
    assert_eq!(exits(&sim), [format!("p3: {too_large}"), format!("p2: {too_large}")]);
    let Reason::Error(error) = &sim.exits()[0].reason else { panic!() };
    assert_eq!(error.downcast_ref(), Some(&VmError::QueueTooLarge { limit }));
}

#[test]
fn r18_each_kind_of_action_counts_its_bytes() {
    let text = || Value::from(&*"x".repeat(100));
    let kinds: [fn(Value) -> ActionTree<()>; 7] = [
        |body| send_message(&body).into_action_tree(),
        |body| send_feedback(&body).into_action_tree(),
        |body| refuse(topic("ping"), body).into_action_tree(),
        |body| pass(pid(0), "wire", &body).into_action_tree(),
        |body| at_meta_level([send_message(&body)]),
        |body| at_meta_level([send_feedback(&body)]),
        |body| at_meta_level([refuse(topic("ping"), body)]),
    ];
    for (kind, action) in kinds.into_iter().enumerate() {
        for (limit, fails) in [(99, true), (100, false)] {
            let actor = process(on_message(subscriber("go"), move |_| action(text())));
            let mut sim = sim_within(limits(|l| l.queued_bytes = limit), actor);
            sim.run();
            sim.send(&value("go"));
            sim.step();
            assert_eq!(sim.stats().queued_bytes, if fails { 0 } else { 100 }, "kind {kind}");
            sim.run();
            let too_large = exits(&sim).iter().any(|exit| exit.contains("queue too large"));
            assert_eq!(too_large, fails, "kind {kind}");
        }
    }
}

#[test]
fn r18_the_bytes_of_boots_and_answers_count() {
    let flood = || send_message(&big(200));
    let boots = process(process(flood()));
    let mut sim = sim_within(limits(|l| l.queued_bytes = 100), silent(publisher("x")));
    sim.run();
    sim.spawn(boots);
    sim.run();
    assert_eq!(exits(&sim), ["p3: queue too large: at most 100 bytes may wait"]);

    let callee = AddEndpoint::new(subscriber("ask"), |event, turn| match event.duct().is_empty() {
        true => turn.skip(),
        false => turn.act(give(event.duct(), &big(200))),
    });
    let mut sim = sim_within(limits(|l| l.queued_bytes = 100), process(callee));
    sim.run();
    sim.pass(pid(2), "wire", &value("ask"));
    sim.run();
    assert_eq!(exits(&sim), ["p2: queue too large: at most 100 bytes may wait"]);
}

#[test]
fn r18_a_turn_that_is_too_much_leaves_nothing_in_the_queue() {
    let go = |_: &Value| (send("first"), send_message(&big(50)), send_message(&big(60)), send("last"));
    let mut sim = sim_within(limits(|l| l.queued_bytes = 150), process(on_message(subscriber("go"), go)));
    sim.run();
    sim.send(&value("go"));
    sim.step();
    assert_eq!((sim.stats().queued, sim.stats().queued_bytes), (1, 0), "its quit");
    sim.run();
    assert_eq!(sent(&sim), ["go"]);
}

#[test]
fn r51_what_a_process_that_ended_had_still_queued_does_not_count() {
    let says = on_message(subscriber("x"), |_| [send("a"), send("b"), send("c")]);
    let mut sim = run(process(says));
    sim.send(&value("x"));
    sim.kill(pid(2), Reason::Normal);
    sim.send(&value("y"));
    assert!(sim.step());
    assert_eq!(sim.stats().queued, 2 + 3, "the kill and y stand before what it says");
    assert!(sim.step());
    assert_eq!(sim.stats().queued, 1);
}

#[test]
fn r18_what_the_host_sends_counts_and_is_not_refused() {
    let hears = process(on_message(subscriber("go"), |_| send("small(1)")));
    let mut sim = sim_within(limits(|l| (l.queued_bytes, l.queued) = (30, 3)), hears);
    sim.run();
    for _ in 0..5 {
        sim.send(&big(1));
    }
    assert_eq!((sim.stats().queued, sim.stats().queued_bytes), (5, 5 * 25));
    sim.run();
    sim.send(&value("go"));
    sim.send(&big(1));
    sim.run();
    assert_eq!(exits(&sim), ["p2: queue too large: at most 30 bytes may wait"], "the host's count");
}

/// Each makes two more, and stays.
fn spawner() -> Spawn<()> {
    spawn(|_| Transition::new((), (silent(subscriber("never")), spawner(), spawner())))
}

#[test]
fn r18_processes_that_spawn_end_at_the_limit_of_processes() {
    let mut sim = sim_within(limits(|l| l.processes = 20), spawner());
    for _ in 0..10_000 {
        if !sim.step() {
            break;
        }
        assert!(sim.stats().processes <= 20);
    }
    let exits = exits(&sim);
    assert!(exits[0].ends_with(": too many processes: 20 are there already"), "{exits:?}");
    let Reason::Error(error) = &sim.exits()[0].reason else { panic!("{exits:?}") };
    assert_eq!(error.downcast_ref(), Some(&VmError::TooManyProcesses { limit: 20 }));
}

#[test]
fn r18_a_parent_that_waits_for_its_child_is_told_that_there_are_too_many() {
    let log = Log::default();
    let noted = log.clone();
    let asks = process(on_message(subscriber("go"), move |_| {
        let noted = noted.clone();
        process(()).then(move |(), child| {
            noted.note(format!("{:?}", child.map_err(|reason| reason.to_string())));
            Transition::new((), send("on"))
        })
    }));
    let mut sim = run(asks);
    sim.set_limits(limits(|l| l.processes = 2));
    sim.send(&value("go"));
    sim.run();
    assert_eq!(log.take(), [r#"Err("too many processes: 2 are there already")"#]);
    assert_eq!(exits(&sim), [""; 0], "it goes on");
    assert_eq!(sent(&sim), ["go", "on"]);
    // As soon as there is room, there is a child, with the next PID.
    sim.set_limits(limits(|l| l.processes = 3));
    sim.send(&value("go"));
    sim.run();
    assert_eq!(log.take(), ["Ok(p3)"]);
}

#[test]
fn r18_the_host_can_make_a_process_at_the_limit() {
    let mut sim = sim_within(limits(|l| l.processes = 2), ());
    sim.run();
    for _ in 0..3 {
        sim.spawn(process(silent(subscriber("x"))));
    }
    sim.run();
    assert_eq!((sim.stats().processes, exits(&sim)), (4, vec![]));
}

#[test]
fn r18_a_nested_vm_has_limits_of_its_own() {
    let nested = || {
        spawn_vm_within(limits(|l| l.processes = 5), |_, _| {
            let outside: ActionTree<()> = at_meta_level([silent(subscriber("x"))]);
            Transition::new((), (outside, spawner()))
        })
    };
    let mut sim = sim_within(limits(|l| l.processes = 4), (nested(), nested()));
    for _ in 0..1_000 {
        sim.step();
    }
    assert_eq!(sim.stats().processes, 3, "the relay and two VMs");
    let inside = sim.exits();
    assert!(inside.iter().all(|exit| exit.vm.len() == 1), "{inside:?}");
    assert_eq!(inside[0].reason.to_string(), "too many processes: 5 are there already");
}

#[test]
fn r18_a_vm_with_no_room_for_its_boot_process_does_not_boot() {
    let log = Log::default();
    let noted = log.clone();
    let nested = spawn_vm_within(limits(|l| l.processes = 0), |_, _| Transition::new((), ()));
    let sim = run(process(nested.then(move |(), child| {
        noted.note(format!("{:?}", child.map_err(|reason| reason.to_string())));
        Transition::new((), ())
    })));
    assert_eq!(log.take(), [r#"Err("too many processes: 0 are there already")"#]);
    assert_eq!(exits(&sim).len(), 1, "the VM that did not come to be");
}

#[test]
fn r18_a_vm_whose_processes_are_too_many_outside_fails_as_a_whole() {
    let nested = spawn_vm(|_, _| {
        Transition::new((), (silent(subscriber("inside")), at_meta_level([spawner(), spawner()])))
    });
    let mut sim = sim_within(limits(|l| l.processes = 3), nested);
    sim.run();
    assert!(
        exits(&sim).contains(&"p2: too many processes: 3 are there already".to_string()),
        "{:?}",
        exits(&sim)
    );
}

/// A place is no action that anybody asks for: without it the VM would never go on.
#[test]
fn r18_a_vm_with_work_gets_its_place_in_a_queue_that_is_full() {
    let (log, waiting) = (Log::default(), Arc::<Mutex<Option<Duct>>>::default());
    let asked = waiting.clone();
    let callee = AddEndpoint::new(subscriber("ask"), move |event, turn| match event.duct().is_empty() {
        true => turn.skip(),
        false => {
            *asked.lock().unwrap() = Some(event.duct().clone());
            turn.act(())
        }
    });
    let answers = on_message(subscriber("go"), move |_| {
        waiting.lock().unwrap().take().map(|duct| give(&duct, &value("answer")))
    });
    let caller = AddEndpoint::new(publisher("x"), |event, turn| match event.reply() {
        None => turn.skip(),
        Some(_) => turn.act(send("on")),
    });
    let inside = log.endpoint("inside", subscriber("on"));
    let nested = spawn_vm(|_, _| {
        // An endpoint further out keeps the VM.
        let out = (silent(subscriber("stays")), pass(pid(2), "wire", &value("ask")));
        Transition::new((), (caller, inside, at_meta_level(out)))
    });
    let mut sim = sim_within(limits(|l| l.queued = 10), (process((callee, answers)), nested));
    sim.run();
    sim.send(&value("go"));
    sim.step();
    for _ in 0..20 {
        sim.send(&value("host"));
    }
    log.take();
    sim.run();
    assert_eq!(log.take(), ["inside: message on"], "{}", sim.trace());
}

/// It makes one endpoint after another.
fn gatherer(endpoint: fn() -> ActionTree<()>) -> Spawn<()> {
    process((on_message(subscriber("more"), move |_| (endpoint(), send("more"))), send("more")))
}

#[test]
fn r18_endpoints_end_at_their_limit() {
    let mut sim = sim_within(
        limits(|l| l.endpoints = 20),
        (gatherer(|| silent(publisher("x")).into_action_tree()), silent(subscriber("other"))),
    );
    for _ in 0..1_000 {
        if !sim.step() {
            break;
        }
        assert!(sim.stats().endpoints <= 20);
    }
    assert_eq!(exits(&sim), ["p2: too many endpoints: 20 are there already"]);
    let Reason::Error(error) = &sim.exits()[0].reason else { panic!() };
    assert_eq!(error.downcast_ref(), Some(&VmError::TooManyEndpoints { limit: 20 }));
    assert_eq!(sim.stats().endpoints, 2, "its own have gone");
}

#[test]
fn r18_an_endpoint_that_changes_is_not_one_more() {
    let named = |role| name_endpoint("e", silent(role));
    let mut sim = sim(process(on_message(subscriber("go"), move |_| named(publisher("b")))));
    sim.run();
    sim.spawn(process(named(publisher("a"))));
    sim.send(&value("go"));
    sim.run();
    let there = sim.stats().endpoints;
    sim.set_limits(limits(|l| l.endpoints = there));
    sim.send(&value("go"));
    sim.run();
    assert_eq!((sim.stats().endpoints, exits(&sim)), (there, vec![]));
}

#[test]
fn r18_endpoints_at_the_outermost_level_have_the_same_limit() {
    let outer = || {
        let topic = Topic::record("Ground", [Topic::any(), Topic::any()]);
        let role = Role::new(Orientation::Subscriber, topic, InterestType::Observer);
        at_meta_level([silent(role)])
    };
    let mut sim = sim_within(limits(|l| l.endpoints = 20), gatherer(outer));
    let mut steps = 0;
    while sim.step() && steps < 1_000 {
        steps += 1;
    }
    assert_eq!(exits(&sim), ["p2: too many endpoints: 20 are there already"]);
}

#[test]
fn r18_endpoints_of_a_vm_count_where_they_are() {
    let nested = spawn_vm(|_, _| Transition::new((), gatherer(|| at_meta_level([silent(publisher("x"))]))));
    let mut sim = sim_within(limits(|l| l.endpoints = 20), nested);
    let mut steps = 0;
    while sim.step() && steps < 1_000 {
        steps += 1;
    }
    assert_eq!(exits(&sim), ["p2: too many endpoints: 20 are there already"]);
    assert_eq!(sim.stats().endpoints, 1, "the relay's");
}

#[test]
fn r18_a_child_whose_endpoints_from_its_parent_are_too_many_does_not_boot() {
    let log = Log::default();
    let noted = log.clone();
    let child = process(()).with_endpoint(publisher("watched"), |_| None).then(move |(), child| {
        noted.note(format!("{:?}", child.map_err(|reason| reason.to_string())));
        Transition::new((), ())
    });
    let mut sim = sim_within(limits(|l| l.endpoints = 1), process(child));
    sim.run();
    assert_eq!(log.take(), [r#"Err("too many endpoints: 1 are there already")"#]);
    assert_eq!(exits(&sim), ["p3: too many endpoints: 1 are there already"]);
}

/// The log says who failed and why, as for any failure.
#[test]
fn r18_whoever_crosses_a_limit_is_logged() {
    let mut sim = run(process((silent(subscriber("x")), on_message(subscriber("go"), |_| process(())))));
    sim.set_limits(limits(|l| l.processes = 2));
    sim.send(&value("go"));
    sim.run();
    let lines = trace_of(&sim, "p2").join("\n");
    assert!(lines.contains("too many processes: 2 are there already"), "{lines}");
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
