//! R10 to R15: one queue, and what a step is.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

#[test]
fn r10_a_tree_is_walked_left_to_right_depth_first() {
    let none: Option<PreAction<()>> = None;
    let sim = run((
        (send("a"), (), [send("b"), send("c")]),
        none,
        Some(vec![(send("d"), Some(send("e")))]),
        vec![(); 3],
        [(), ()],
        ((((), send("f")),),),
    ));
    assert_eq!(sent(&sim), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn r10_actions_of_a_transition_join_the_back_contiguous() {
    let twice = |name: &'static str| {
        process(on_message(subscriber("go"), move |_| {
            [send(&format!("{name}(1)")), send(&format!("{name}(2)"))]
        }))
    };
    // Both hear `go` in one step; what they answer stands behind what was queued before, unmixed.
    let sim =
        run((twice("one"), twice("two"), yield_now(|()| Transition::new((), [send("go"), send("stop")]))));
    assert_eq!(sent(&sim), ["go", "stop", "one(1)", "one(2)", "two(1)", "two(2)"]);
}

#[test]
fn r10_a_step_is_the_front_action_with_its_handlers() {
    let log = Log::default();
    let mut sim = sim((
        log.endpoint("one", subscriber("x")),
        log.endpoint("two", subscriber("x")),
        send("x"),
        send("x"),
    ));
    // The relay's endpoint is an action as well, behind those of the boot process.
    for expected in [1, 1, 2, 2, 0] {
        assert!(sim.step());
        assert_eq!(log.take().len(), expected);
    }
    assert!(!sim.step());
}

#[test]
fn r10_actions_of_a_process_that_is_gone_are_nothing() {
    let gone = || {
        process((quit(), send("never"), send("never"), yield_now(|()| Transition::new((), send("never")))))
    };
    let mut sim = sim(gone());
    let mut steps = 0;
    while sim.step() {
        steps += 1;
        let alive = sim.exits().is_empty();
        assert!(alive || sim.stats().queued == 0, "what it left behind is not counted");
    }
    // The spawn, the relay's endpoint, the quit.
    assert_eq!(steps, 3);
    assert_eq!(sent(&sim), [""; 0]);
    let mut vm = GroundVm::new(move |_| Transition::new((), gone()));
    assert!(vm.run(2));
    assert!(!vm.run(1), "no work is left behind the quit");
    assert!(vm.is_idle());
}

#[test]
fn r10_a_bounded_run_does_not_count_what_is_gone() {
    let gone = process((quit(), vec![(); 0], (0..100).map(|_| send("never")).collect::<ActionTree<()>>()));
    let mut sim = sim((
        gone,
        send("a"),
        yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), send("b"))))),
    ));
    while sim.exits().is_empty() {
        assert!(sim.step());
    }
    // The rest of the queue: the yields' continuations.
    sim.run_steps(8);
    assert_eq!(sent(&sim), ["a", "b"]);
}

#[test]
fn r11_state_changes_now_actions_act_later() {
    let log = Log::default();
    let reader = log.clone();
    let mut sim = Sim::new(move |_| {
        let counts = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
            Some(_) => turn.transition(|n: u32| Transition::new(n + 1, send("counted"))),
            None => turn.skip(),
        });
        let reads = AddEndpoint::new(subscriber("_"), move |event, turn| {
            if let Some(body) = event.body() {
                reader.note(format!("{body} at {}", turn.state()));
            }
            turn.skip()
        });
        Transition::new(0, (counts, reads, send("x"), send("x")))
    });
    sim.run();
    // The second endpoint sees the new state in the same step; the answers come after both
    // messages.
    assert_eq!(log.take(), ["x at 1", "x at 2", "counted at 2", "counted at 2"]);
}

#[test]
fn r12_same_inputs_same_trace() {
    let program = || {
        let log = Log::default();
        let mut children = Vec::new();
        for i in 0..20 {
            children.push(process((
                silent(publisher(&format!("topic({}, _)", i % 7))),
                on_message(subscriber(&format!("topic(_, {})", i % 5)), send_feedback),
            )));
        }
        let listens = log.endpoint("all", subscriber("_"));
        // Inside a turn: there fresh names are from the VM's own counter.
        let named = yield_now(|()| {
            Transition::new((), name_endpoint(Fresh::new(), silent(publisher("topic(1, 1)"))))
        });
        let mut sim = run((children, listens, named, send("topic(3, 3)"), send("topic(1, 1)")));
        sim.send(&value("topic(2, 2)"));
        sim.kill(pid(5), Reason::Normal);
        sim.run();
        sim.trace().clone()
    };
    let first = program();
    assert!(first.records().len() > 100);
    assert_eq!(first, program());
    assert_eq!(first.to_string(), program().to_string());
}

#[test]
fn r12_handlers_run_in_endpoint_creation_order() {
    let log = Log::default();
    // Different shapes of topic, different processes: order of creation all the same.
    let listener =
        |name: &str, text: &str| name_endpoint(name.to_string(), log.endpoint(name, subscriber(text)));
    let mut sim = run((
        listener("1", "a(_, _)"),
        process(log.endpoint("5", subscriber("_"))),
        listener("2", "a(1, 2)"),
        listener("3", "_"),
        listener("4", "a(_, 2)"),
    ));
    log.take();
    sim.send(&value("a(1, 2)"));
    sim.run();
    let names = |lines: Vec<String>| lines.iter().map(|line| line[..1].to_string()).collect::<String>();
    assert_eq!(names(log.take()), "12345");
    // An equal role keeps the place; an endpoint deleted and added again is last.
    let more = log.clone();
    let mut sim = run((
        listener("1", "a"),
        listener("2", "a"),
        listener("3", "a"),
        listener("1", "a"),
        delete_endpoint("2".to_string()),
        name_endpoint("2".to_string(), more.endpoint("2", subscriber("a"))),
    ));
    log.take();
    sim.send(&value("a"));
    sim.run();
    assert_eq!(names(log.take()), "132");
}

#[test]
fn r12_the_acting_process_does_not_come_first() {
    let log = Log::default();
    let listens = |name: &str| log.endpoint(name, subscriber("x"));
    let says = on_message(subscriber("go"), |_| send("x"));
    let mut sim = run((process(listens("1")), process((says, listens("2"))), process(listens("3"))));
    log.take();
    sim.send(&value("go"));
    sim.run();
    let heard = log.take();
    let messages: Vec<_> = heard.iter().filter(|line| line.contains("message")).collect();
    assert_eq!(messages, ["1: message x", "2: message x", "3: message x"], "{heard:#?}");
}

#[test]
fn r13_messages_of_one_sender_arrive_in_order_and_once() {
    let log = Log::default();
    let all = (0..50).map(|i| send(&format!("n({i})"))).collect::<ActionTree<()>>();
    run((process(log.endpoint("r", subscriber("n(_)"))), yield_now(|()| Transition::new((), all))));
    let expected: Vec<_> = (0..50).map(|i| format!("r: message n({i})")).collect();
    assert_eq!(log.take()[1..], expected);
}

#[test]
fn r13_a_message_is_lost_only_when_the_receiver_quits_first() {
    let log = Log::default();
    let quits = log.doing("quits", subscriber("n(_)"), |heard| {
        matches!(heard, Heard::Message(_, body) if *body == value("n(1)")).then(quit)
    });
    run((
        process(quits),
        process(log.endpoint("stays", subscriber("n(_)"))),
        yield_now(|()| {
            Transition::new(
                (),
                (send("n(1)"), send("n(2)"), yield_now(|()| Transition::new((), send("n(3)")))),
            )
        }),
    ));
    assert_eq!(
        log.take()[2..],
        [
            "quits: message n(1)",
            "stays: message n(1)",
            "quits: message n(2)",
            "stays: message n(2)",
            "stays: message n(3)"
        ]
    );
}

#[test]
fn r14_a_yield_goes_on_after_everything_queued_at_that_moment() {
    let other = process((send("other(1)"), on_message(subscriber("a"), |_| send("other(2)"))));
    let later = |name: &'static str| move |()| Transition::new((), send(name));
    // `a` is performed before the child exists to hear it; the child's actions are queued by then.
    let sim = run((other, yield_now(later("later")), send("a"), send("b")));
    assert_eq!(sent(&sim), ["a", "b", "other(1)", "later"]);
}

#[test]
fn r14_two_processes_that_yield_alternate() {
    fn count(name: &'static str, n: u64) -> Transition<()> {
        let next = (n < 3).then(|| yield_now(move |()| count(name, n + 1)));
        Transition::new((), (send(&format!("{name}({n})")), next))
    }
    let counter = |name| spawn::<(), _>(move |_| count(name, 0));
    let sim = run((counter("a"), counter("b")));
    assert_eq!(sent(&sim), ["a(0)", "b(0)", "a(1)", "b(1)", "a(2)", "b(2)", "a(3)", "b(3)"]);
}

#[test]
fn r14_a_yield_sees_the_state_of_its_turn() {
    let mut sim = Sim::new(|_| {
        let bump = AddEndpoint::new(subscriber("bump"), |event, turn| match event.body() {
            Some(_) => turn.transition(|n: u64| Transition::new(n + 1, ())),
            None => turn.skip(),
        });
        let told = |n: u64| Transition::new(n, send(&format!("n({n})")));
        Transition::new(0, (bump, yield_now(told), send("bump")))
    });
    sim.run();
    assert_eq!(sent(&sim), ["bump", "n(1)"]);
}

#[test]
fn r14_the_other_actions_of_a_handlers_transition_come_first() {
    let mut sim = Sim::new(|_| {
        let bump = AddEndpoint::new(subscriber("bump"), |event, turn| match event.body() {
            Some(_) => turn.transition(|n: u64| Transition::new(n + 1, ())),
            None => turn.skip(),
        });
        let go = AddEndpoint::new(subscriber("go"), |event, turn| match event.body() {
            Some(_) => turn.act((
                yield_now(|n: u64| Transition::new(n, send(&format!("first({n})")))),
                send("bump"),
                yield_now(|n: u64| Transition::new(n, send(&format!("second({n})")))),
                send("bump"),
            )),
            None => turn.skip(),
        });
        Transition::new(0, (bump, go, send("go")))
    });
    sim.run();
    assert_eq!(sent(&sim), ["go", "bump", "bump", "first(2)", "second(2)"]);
}

#[test]
fn r15_a_child_acts_behind_everything() {
    let log = Log::default();
    let (boot, parent) = (log.clone(), log.clone());
    let child = spawn(move |pid| {
        boot.note(format!("boot {pid}"));
        Transition::new((), (send("child(1)"), send("child(2)")))
    });
    let sim = run((
        child.then(move |(), child| {
            parent.note(format!("parent {child:?}"));
            Transition::new((), (send("continuation(1)"), send("continuation(2)")))
        }),
        send("rest(1)"),
        send("rest(2)"),
    ));
    assert_eq!(log.take(), ["boot p2", "parent Ok(p2)"]);
    assert_eq!(
        sent(&sim),
        ["rest(1)", "rest(2)", "continuation(1)", "continuation(2)", "child(1)", "child(2)"]
    );
}

#[test]
fn r15_boot_and_continuation_run_in_the_step_of_the_spawn() {
    let mut sim = Sim::new(|_| {
        let child = spawn(|_| Transition::new((), send("child")));
        Transition::new(1u64, child.then(|n, _| Transition::new(n + 1, send(&format!("n({})", n + 1)))))
    });
    assert!(sim.step());
    let lines: Vec<_> = sim.trace().records().iter().map(ToString::to_string).collect();
    let from = lines.iter().position(|line| line == "p0 spawns a process").unwrap();
    assert_eq!(lines[from + 1..], ["p2 boots", "p0 hears that its child is p2"]);
    sim.run();
    assert_eq!(sent(&sim), ["n(2)", "child"]);
}
