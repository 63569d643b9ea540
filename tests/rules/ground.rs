//! R77 to R83: where the tower stops.

use std::time::Duration;

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// The topic of a source's items.
fn from(source: &Source) -> Topic {
    Topic::record("Ground", [source.to_value().into(), Topic::any()])
}

fn every_source() -> Topic {
    topic("Ground(_, _)")
}

/// What was written down, without the sources' numbers.
fn told(log: &Log) -> Vec<String> {
    let lines = log.take().into_iter();
    lines
        .map(|line| match line.split_once("Ground(#") {
            Some((before, after)) => {
                format!("{before}{}", after.split_once(", ").unwrap().1.replacen(')', "", 1))
            }
            None => line,
        })
        .collect()
}

fn second(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn r77_what_the_host_does_not_know_fails_the_acting_process() {
    let unknown: [(fn() -> PreAction<()>, &str); 4] = [
        (|| process(()).into(), "spawn"),
        (|| quit().pid(Pid::BOOT), "quit p0"),
        (|| silent(subscriber("x")).into(), "add endpoint"),
        (|| silent(publisher("Ground(_, _)")).into(), "add endpoint"),
    ];
    for (action, name) in unknown {
        let log = Log::default();
        let mut sim = run((
            log.endpoint("watch", subscriber("sign")),
            process((silent(publisher("sign")), at_meta_level(action()), send("goes-on"))),
        ));
        sim.run();
        let Reason::Error(error) = &sim.exits()[0].reason else { panic!("{}", sim.trace()) };
        let Some(VmError::NoMetaLevel { action }) = error.downcast_ref() else { panic!("{error}") };
        assert!(action.contains(name), "{action}");
        assert!(log.take().last().unwrap().contains(name));
        assert_eq!(sent(&sim), ["goes-on"], "its other actions are performed first");
        assert!(sim.outcome().is_ok());
        assert!(sim.is_done());
    }
}

#[test]
fn r77_two_levels_out_of_the_ground_there_is_nothing_either() {
    let sim = run(process(send::<()>("x").at_meta_level().at_meta_level()));
    assert!(
        exits(&sim)[0].starts_with("p2: the ground VM has no meta level for this action"),
        "{:?}",
        exits(&sim)
    );
    // From inside a nested VM it is that VM which acts at the ground.
    let sim = run(spawn_vm(|_, _| {
        Transition::new((), PreAction::<()>::from(process(())).at_meta_level().at_meta_level())
    }));
    assert!(
        exits(&sim)[0].starts_with("p2: the ground VM has no meta level for this action"),
        "{:?}",
        exits(&sim)
    );
}

#[test]
fn r77_a_meta_quit_ends_the_ground_vm() {
    let sim = run((silent(publisher("x")), process((at_meta_level(quit()), at_meta_level(send("x"))))));
    assert!(sim.is_done());
    assert_eq!(sim.outcome(), Ok(()));
    let sim = run(process(at_meta_level(quit().because(Reason::Shutdown))));
    assert_eq!(sim.outcome(), Ok(()));
    let sim = run(process(at_meta_level(quit().because(because("why")))));
    assert_eq!(sim.outcome(), Err(GroundError::Quit(because("why"))));
    // From a nested VM, two levels out.
    let sim = run(spawn_vm(|_, _| {
        Transition::new((), quit::<()>().because(because("deep")).at_meta_level().at_meta_level())
    }));
    assert_eq!(sim.outcome(), Err(GroundError::Quit(because("deep"))));
}

#[test]
fn r77_a_meta_quit_turns_the_sources_off_and_nothing_runs_any_more() {
    let source = Sim::source([1u8, 2, 3]);
    let item = on_message(Role::subscriber(from(&source)), |_| (at_meta_level(quit()), send("never")));
    let mut sim = run((item, process(yield_now(|()| Transition::new((), ())))));
    sim.run();
    assert!(sim.is_done());
    assert!(!sim.is_on(&source));
    assert_eq!(sent(&sim).iter().filter(|body| body.starts_with("never")).count(), 0, "{}", sim.trace());
}

#[test]
fn r77_a_boot_that_failed_is_the_outcome() {
    let sim = Sim::new(|_| -> Transition<()> { panic!("boot") });
    assert!(matches!(sim.outcome(), Err(GroundError::Boot(Reason::Panic(_)))));
    let mut sim = Sim::new(|_| -> Result<Transition<()>, Failure> { Err(Failure::value(&1u8)) });
    sim.run();
    assert_eq!(sim.outcome(), Err(GroundError::Boot(because("1"))));
    assert!(sim.is_done());
    // Failing later is failing.
    let sim = run((on_message(subscriber("x"), |_| -> () { panic!("later") }), send("x")));
    assert!(matches!(sim.outcome(), Err(GroundError::Boot(Reason::Panic(_)))));
    // Any other process's failure is its own affair.
    let sim = run(process((on_message(subscriber("x"), |_| -> () { panic!("later") }), send("x"))));
    assert_eq!(sim.outcome(), Ok(()));
}

#[test]
fn r80_a_source_is_on_while_a_participant_names_it() {
    let log = Log::default();
    let source = Sim::timeline([(second(100), 1u8)], Reason::Normal);
    let named = || Role::subscriber(from(&source));
    // A wildcard, an observer, a publisher: these do not turn it on.
    let mut sim = run((
        log.endpoint("any", Role::subscriber(every_source())),
        log.endpoint("observer", Role::observer_of_publishers(from(&source))),
        log.endpoint("publisher", Role::publisher(from(&source))),
    ));
    assert!(!sim.is_on(&source));
    log.take();
    // Two that name it, also with an item in mind; it goes off with the last.
    sim.spawn(process(log.endpoint("one", named())));
    sim.spawn(process(
        log.endpoint(
            "two",
            Role::subscriber(Topic::record("Ground", [source.to_value().into(), topic("1")])),
        ),
    ));
    sim.run();
    assert!(sim.is_on(&source));
    let heard = told(&log);
    for name in ["any", "observer", "one"] {
        assert!(heard.contains(&format!("{name}: presence of publisher _")), "{name}: {heard:#?}");
    }
    assert!(heard.contains(&"two: presence of publisher 1".to_string()), "{heard:#?}");
    sim.kill(pid(2), Reason::Normal);
    sim.run();
    assert!(sim.is_on(&source));
    told(&log);
    sim.kill(pid(3), Reason::Normal);
    sim.run();
    assert!(!sim.is_on(&source));
    assert!(told(&log).contains(&"any: absence of publisher _ (normal)".to_string()));
    assert!(sim.is_done());
}

#[test]
fn r80_items_then_the_end_with_its_reason() {
    for (end, text) in [(Reason::Normal, "normal"), (because("broken"), "broken")] {
        let log = Log::default();
        let source = Sim::timeline([(second(0), 1u8), (second(0), 2), (second(0), 3)], end);
        run(log.endpoint("s", Role::subscriber(from(&source))));
        assert_eq!(
            told(&log),
            [
                "s: vacancy: no publisher _".to_string(),
                "s: presence of publisher _".to_string(),
                "s: message 1".to_string(),
                "s: message 2".to_string(),
                "s: message 3".to_string(),
                format!("s: absence of publisher _ ({text})"),
            ]
        );
    }
}

/// What is heard of the next item, a second later.
fn next_item(sim: &mut Sim, log: &Log) -> Vec<String> {
    told(log);
    sim.advance(second(1));
    told(log).into_iter().filter(|line| line.contains("message")).collect()
}

#[test]
fn r80_an_item_is_heard_by_all_who_listen_out_there_and_by_nobody_else() {
    let log = Log::default();
    let source = Sim::timeline((1..=9).map(|n| (second(n), n as u8)), Reason::Normal);
    let five = Role::subscriber(Topic::record("Ground", [source.to_value().into(), topic("5")]));
    let mut sim = sim(());
    let add = |sim: &mut Sim, name: &str, role: Role| {
        sim.spawn(process(at_meta_level(log.endpoint::<()>(name, role))));
        sim.run();
    };
    let end = |sim: &mut Sim, number| {
        sim.kill(pid(number), Reason::Normal);
        sim.run();
    };
    // One, with an observer, and alone again.
    add(&mut sim, "one", Role::subscriber(from(&source)));
    assert_eq!(next_item(&mut sim, &log), ["one: message 1"]);
    add(&mut sim, "observer", Role::observer_of_publishers(from(&source)));
    assert_eq!(next_item(&mut sim, &log), ["one: message 2", "observer: message 2"]);
    end(&mut sim, 3);
    assert_eq!(next_item(&mut sim, &log), ["one: message 3"]);
    // With one that wants a certain item only; then that one alone.
    add(&mut sim, "picky", five);
    assert_eq!(next_item(&mut sim, &log), ["one: message 4"]);
    assert_eq!(next_item(&mut sim, &log), ["one: message 5", "picky: message 5"]);
    end(&mut sim, 2);
    assert_eq!(next_item(&mut sim, &log), [""; 0]);
    // With one that names no source; and another.
    add(&mut sim, "any", Role::subscriber(every_source()));
    assert_eq!(next_item(&mut sim, &log), ["any: message 7"]);
    add(&mut sim, "another", Role::subscriber(from(&source)));
    end(&mut sim, 5);
    end(&mut sim, 4);
    assert_eq!(next_item(&mut sim, &log), ["another: message 8"]);
}

#[test]
fn r80_a_listener_that_changes_out_there_hears_what_it_wants_now() {
    let log = Log::default();
    let source = Sim::timeline((1..=4).map(|n| (second(n), n as u8)), Reason::Normal);
    let wants = |item: Topic| {
        let role = Role::subscriber(Topic::record("Ground", [source.to_value().into(), item]));
        let log = log.clone();
        move || at_meta_level(name_endpoint(&1u8, log.endpoint::<()>("it", role.clone())))
    };
    let (all, three, four) = (wants(Topic::any()), wants(topic("3")), wants(topic("4")));
    let mut sim = sim(());
    sim.spawn(process((
        all(),
        on_message(subscriber("three"), move |_| three()),
        on_message(subscriber("four"), move |_| four()),
        on_message(subscriber("all"), move |_| all()),
    )));
    sim.run();
    assert_eq!(next_item(&mut sim, &log), ["it: message 1"]);
    let mut change = |to: &str| {
        sim.send(&value(to));
        sim.run();
        next_item(&mut sim, &log)
    };
    assert_eq!(change("three"), [""; 0]);
    assert_eq!(change("all"), ["it: message 3"]);
    assert_eq!(change("four"), ["it: message 4"]);
}

#[test]
fn r80_feedback_is_given_to_the_source() {
    let source = Sim::timeline([(second(9), 1u8)], Reason::Normal);
    let body = |n: u8| Ground(source.clone(), n);
    let mut sim = sim(silent(Role::subscriber(from(&source))));
    sim.run();
    sim.send_feedback(&body(1));
    sim.send(&body(2));
    sim.send_feedback(&body(3));
    sim.run();
    assert_eq!(sim.feedback(&source), [value("1"), value("3")]);
}

#[test]
fn r80_feedback_to_a_source_that_is_off_goes_nowhere() {
    let source = Sim::source([1u8]);
    let mut sim = run(silent(publisher("x")));
    sim.send_feedback(&Ground(source.clone(), 1u8));
    sim.run();
    assert_eq!(sim.feedback(&source), []);
}

#[test]
fn r80_no_other_value_is_taken_for_a_source() {
    let fake = Opaque::new(7);
    let log = Log::default();
    let sim = run((
        log.endpoint(
            "fake",
            Role::subscriber(Topic::record("Ground", [Value::from(fake).into(), Topic::any()])),
        ),
        log.endpoint("number", subscriber("Ground(7, _)")),
        log.endpoint("label", subscriber("Grounds(_, _)")),
    ));
    assert!(log.take().iter().all(|line| line.contains("vacancy")));
    assert!(sim.is_done(), "nobody listens to a source");
    assert_eq!(Source::from_value(&Opaque::new(7).into()), None);
    assert_eq!(Ground::<Value>::from_value(&value("Ground(7, 8)")), None);
}

#[test]
fn r80_a_spent_source_is_refused_at_once() {
    let log = Log::default();
    let source = Sim::source([1u8]);
    let mut sim = run(log.endpoint("first", Role::subscriber(from(&source))));
    told(&log);
    assert!(!sim.is_on(&source));
    sim.spawn(process(log.endpoint("second", Role::subscriber(from(&source)))));
    sim.run();
    let heard = told(&log);
    assert!(
        heard.iter().any(|line| line.starts_with("second: absence of publisher _ (refused:")),
        "{heard:#?}"
    );
    assert!(!heard.iter().any(|line| line.contains("presence")), "{heard:#?}");
    // Turned off before its end: spent as well. Whoever does not handle that fails.
    let source = Sim::source([1u8, 2, 3]);
    let mut sim = run(once(silent(Role::subscriber(from(&source)))));
    sim.spawn(process(silent(Role::subscriber(from(&source)))));
    sim.run();
    assert_eq!(exits(&sim).len(), 1, "{}", sim.trace());
    assert!(exits(&sim)[0].starts_with("p2: refused: "));
}

#[test]
fn r81_at_most_one_item_is_inside() {
    let source = Sim::source(0..5u8);
    let (asked, items) = (source.clone(), from(&source));
    let busy = on_message(Role::subscriber(items), |body| {
        let done = body.clone();
        yield_now(move |()| {
            Transition::new((), yield_now(move |()| Transition::new((), send_message(&(done,)))))
        })
    });
    let sim = run(busy);
    // What an item leads to is over before the next one comes.
    let order = sent(&sim);
    let inside: Vec<_> = order.iter().map(|body| body.starts_with('[')).collect();
    assert_eq!(inside, [[false, true]; 5].concat(), "{order:#?}");
    assert!(!sim.is_on(&asked));
}

#[test]
fn r81_a_source_with_credit_is_asked_only_while_it_has_some() {
    let source = Sim::credited((1..=5u8).map(|n| (second(0), n)), Reason::Normal);
    let log = Log::default();
    let mut sim = run(log.endpoint("s", Role::subscriber(from(&source))));
    assert_eq!(told(&log).last().unwrap(), "s: presence of publisher _");
    for (credit, items) in [(2, "12"), (0, ""), (1, "3")] {
        sim.send_feedback(&Ground(source.clone(), Credit(credit)));
        sim.run();
        let heard: String = told(&log).iter().filter_map(|line| line.strip_prefix("s: message ")).collect();
        assert_eq!(heard, items);
        assert!(sim.is_on(&source), "to stop reading is not to close");
    }
    sim.send_feedback(&Ground(source.clone(), Credit(10)));
    sim.run();
    assert_eq!(told(&log), ["s: message 4", "s: message 5", "s: absence of publisher _ (normal)"]);
    assert_eq!(sim.feedback(&source), [], "credit is not given to the source");
}

#[test]
fn r81_ready_sources_take_turns() {
    let log = Log::default();
    let (a, b) = (Sim::source((0..4u8).map(|n| (0u8, n))), Sim::source((0..4u8).map(|n| (1u8, n))));
    let listeners =
        (log.endpoint("a", Role::subscriber(from(&a))), log.endpoint("b", Role::subscriber(from(&b))));
    let mut sim = run(listeners);
    let heard = told(&log);
    let order: String = heard.iter().filter(|line| line.contains("message")).map(|line| &line[..1]).collect();
    assert_eq!(order, "abababab");
    assert!(!sim.step());
}

#[test]
fn r81_an_item_comes_in_beside_a_vm_that_is_never_idle() {
    let log = Log::default();
    let source = Source::new(());
    let listener = log.endpoint("s", Role::subscriber(from(&source)));
    let busy = process((on_message(subscriber("tick"), |_| send("tick")), send("tick")));
    let mut vm = GroundVm::new(move |_| Transition::new((), (busy, listener)));
    assert!(vm.run(100));
    assert!(matches!(vm.poll(), Some(Output::Start(started, _)) if started == source));
    assert!(vm.wants(&source));
    vm.item(&source, value("1"));
    assert!(vm.run(100), "it is still busy");
    assert_eq!(told(&log).last().unwrap(), "s: message 1");
}

#[test]
fn r81_a_bounded_run_is_bounded_with_sources_too() {
    let source = Sim::source(0..3u8);
    let chatty = on_message(Role::subscriber(from(&source)), |_| [send("a"), send("b"), send("c")]);
    let mut sim = sim(chatty);
    let mut before = 0;
    while sim.run_steps(1) {
        let now = sim.trace().records().iter().filter(|r| matches!(r.what, What::Performed { .. })).count();
        assert!(now - before <= 1, "{}", sim.trace());
        before = now;
    }
    assert_eq!(sent(&sim).len(), 3 * 4);
}

#[test]
fn r82_an_everything_endpoint_hears_the_relay() {
    let log = Log::default();
    let everything = Role::new(Orientation::Subscriber, topic("_"), InterestType::Everything);
    let inside = log.endpoint("inside", everything.clone());
    run((
        log.endpoint("everything", everything),
        log.endpoint("participant", subscriber("_")),
        spawn_vm(move |_, _| Transition::new((), inside)),
    ));
    assert_eq!(
        log.take(),
        [
            "everything: vacancy: no publisher _",
            "participant: vacancy: no publisher _",
            "everything: presence of publisher Ground(_, _) as observer",
            "inside: vacancy: no publisher _",
        ]
    );
}

#[test]
fn r82_the_relay_is_pid_1_and_counts_by_source() {
    let sim = run(());
    assert!(sim.trace().to_string().contains("p1 boots"));
    let source = Sim::timeline([(second(1), 1u8)], Reason::Normal);
    let one = || silent(Role::subscriber(from(&source)));
    let sim = run((one(), one(), process(one())));
    let subscribed =
        trace_of(&sim, "p1").iter().filter(|line| line.starts_with("at meta level: add endpoint")).count();
    assert_eq!(subscribed, 1);
}

#[test]
fn r82_a_nested_vm_with_its_own_relay() {
    let log = Log::default();
    let source = Sim::timeline([(second(1), 1u8), (second(2), 2)], because("over"));
    let (inner, inside) = (log.clone(), source.clone());
    let mut sim = run(spawn_vm(move |_, _| {
        let answers = inner.doing("inner", Role::subscriber(from(&inside)), move |heard| match heard {
            Heard::Message(_, body) => Some(send_feedback(body)),
            _ => None,
        });
        Transition::new((), (event_relay(), answers))
    }));
    assert!(sim.is_on(&source));
    sim.advance(second(3));
    assert_eq!(
        told(&log),
        [
            "inner: vacancy: no publisher _",
            "inner: presence of publisher _",
            "inner: message 1",
            "inner: message 2",
            "inner: absence of publisher _ (over)",
        ]
    );
    assert_eq!(sim.feedback(&source), [value("1"), value("2")]);
    assert_eq!(sim.now(), second(3));
}

#[test]
fn r82_without_a_relay_a_nested_vm_hears_no_source() {
    let log = Log::default();
    let source = Sim::source([1u8]);
    let (inner, inside) = (log.clone(), source.clone());
    let sim = run(spawn_vm(move |_, _| {
        Transition::new((), inner.endpoint("inner", Role::subscriber(from(&inside))))
    }));
    assert_eq!(told(&log), ["inner: vacancy: no publisher _"]);
    assert!(!sim.is_on(&source));
    assert!(sim.is_done());
}

#[test]
fn r82_refusals_cross_relays() {
    let log = Log::default();
    let source = Sim::source([1u8]);
    let mut sim = run(once(silent(Role::subscriber(from(&source)))));
    let (inner, inside) = (log.clone(), source.clone());
    sim.spawn(spawn_vm(move |_, _| {
        Transition::new((), (event_relay(), inner.endpoint("inner", Role::subscriber(from(&inside)))))
    }));
    sim.run();
    let heard = told(&log);
    assert!(heard.last().unwrap().starts_with("inner: absence of publisher _ (refused:"), "{heard:#?}");
}

#[test]
fn r82_a_nested_listener_that_goes_turns_the_source_off() {
    let source = Sim::timeline([(second(9), 1u8)], Reason::Normal);
    let inside = source.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        let listener =
            process((silent(Role::subscriber(from(&inside))), on_message(subscriber("stop"), |_| quit())));
        let stop =
            at_meta_level(on_message(subscriber("stop"), |_| (send("stop"), at_meta_level(send("stopped")))));
        Transition::new((), (event_relay(), listener, stop))
    }));
    assert!(sim.is_on(&source));
    sim.send(&value("stop"));
    sim.run();
    assert!(!sim.is_on(&source));
}

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
        silent(Role::subscriber(from(&source))),
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
