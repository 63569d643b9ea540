//! R77 to R83: where the tower stops.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

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
fn r77_a_ground_event_is_of_a_source() {
    for topic in ["Ground(5, _)", "Ground(5, 6)", "_", "ground(_, _)"] {
        let sim = run(staying(at_meta_level(silent(subscriber(topic)))));
        assert_eq!(exits(&sim).len(), 1, "{topic}");
    }
    let sim = run(staying(at_meta_level(silent(subscriber("Ground(_, 5)")))));
    assert!(exits(&sim).is_empty());
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
    let item = on_message(Role::subscriber(items_of(&source)), |_| (at_meta_level(quit()), send("never")));
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
    let one = || silent(Role::subscriber(items_of(&source)));
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
        let answers = inner.doing("inner", Role::subscriber(items_of(&inside)), move |heard| match heard {
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
        Transition::new((), inner.endpoint("inner", Role::subscriber(items_of(&inside))))
    }));
    assert_eq!(told(&log), ["inner: vacancy: no publisher _"]);
    assert!(!sim.is_on(&source));
    assert!(sim.is_done());
}

#[test]
fn r82_refusals_cross_relays() {
    let log = Log::default();
    let source = Sim::source([1u8]);
    let mut sim = run(once(silent(Role::subscriber(items_of(&source)))));
    let (inner, inside) = (log.clone(), source.clone());
    sim.spawn(spawn_vm(move |_, _| {
        Transition::new((), (event_relay(), inner.endpoint("inner", Role::subscriber(items_of(&inside)))))
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
        let listener = process((
            silent(Role::subscriber(items_of(&inside))),
            on_message(subscriber("stop"), |_| quit()),
        ));
        let stop =
            at_meta_level(on_message(subscriber("stop"), |_| (send("stop"), at_meta_level(send("stopped")))));
        Transition::new((), (event_relay(), listener, stop))
    }));
    assert!(sim.is_on(&source));
    sim.send(&value("stop"));
    sim.run();
    assert!(!sim.is_on(&source));
}
