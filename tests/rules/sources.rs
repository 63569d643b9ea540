//! R30, R50, R80, R81: what comes from outside, and when.

use std::time::Duration;

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

#[test]
fn r80_a_source_is_on_while_a_participant_names_it() {
    let log = Log::default();
    let source = Sim::timeline([(second(100), 1u8)], Reason::Normal);
    let named = || Role::subscriber(items_of(&source));
    // A wildcard, an observer, a publisher: these do not turn it on.
    let mut sim = run((
        log.endpoint("any", Role::subscriber(every_source())),
        log.endpoint("observer", Role::observer_of_publishers(items_of(&source))),
        log.endpoint("publisher", Role::publisher(items_of(&source))),
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
        run(log.endpoint("s", Role::subscriber(items_of(&source))));
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

/// The events of the next item, a second later.
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
    add(&mut sim, "one", Role::subscriber(items_of(&source)));
    assert_eq!(next_item(&mut sim, &log), ["one: message 1"]);
    add(&mut sim, "observer", Role::observer_of_publishers(items_of(&source)));
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
    add(&mut sim, "another", Role::subscriber(items_of(&source)));
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
        move || at_meta_level(name_endpoint(1u8, log.endpoint::<()>("it", role.clone())))
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
    let mut sim = sim(silent(Role::subscriber(items_of(&source))));
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
    let mut sim = run(log.endpoint("first", Role::subscriber(items_of(&source))));
    told(&log);
    assert!(!sim.is_on(&source));
    sim.spawn(process(log.endpoint("second", Role::subscriber(items_of(&source)))));
    sim.run();
    let heard = told(&log);
    assert!(
        heard.iter().any(|line| line.starts_with("second: absence of publisher _ (refused:")),
        "{heard:#?}"
    );
    assert!(!heard.iter().any(|line| line.contains("presence")), "{heard:#?}");
    // A source that is turned off before its end is spent as well. A process that does not handle
    // that fails.
    let source = Sim::source([1u8, 2, 3]);
    let mut sim = run(once(silent(Role::subscriber(items_of(&source)))));
    sim.spawn(process(silent(Role::subscriber(items_of(&source)))));
    sim.run();
    assert_eq!(exits(&sim).len(), 1, "{}", sim.trace());
    assert!(exits(&sim)[0].starts_with("p2: refused: "));
}

#[test]
fn r80_nothing_is_left_of_a_subscription_that_left_at_once() {
    let source = Sim::source([1u8]);
    let sim = run(staying((name_endpoint(1u8, silent(listener(&source))), delete_endpoint(1u8))));
    assert!(!sim.is_on(&source));
    // The relay's own, and the one of the process that stays.
    assert_eq!(sim.stats().endpoints, 2);
}

#[test]
fn r80_a_source_for_another_host_ends_at_once() {
    let source = Source::new(());
    let ends =
        AddEndpoint::new(listener(&source), |event, turn| turn.act(event.is_absence().then(|| send("gone"))));
    assert_eq!(sent(&run(at_meta_level(ends))), ["gone"]);
}

#[test]
fn r30_a_change_at_the_outermost_level_is_atomic() {
    let log = Log::default();
    let source = Sim::timeline([(Duration::from_secs(1), vec![1u8, 2])], Reason::Normal);
    let ear = |role| at_meta_level(name_endpoint(1u8, log.endpoint("ear", role)));
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
fn r81_at_most_one_item_is_inside() {
    let source = Sim::source(0..5u8);
    let (asked, items) = (source.clone(), items_of(&source));
    let busy = on_message(Role::subscriber(items), |body| {
        let done = body.clone();
        yield_now(move |()| {
            Transition::new((), yield_now(move |()| Transition::new((), send_message(&(done,)))))
        })
    });
    let sim = run(busy);
    // All effects of an item are over before the next one comes.
    let order = sent(&sim);
    let inside: Vec<_> = order.iter().map(|body| body.starts_with('[')).collect();
    assert_eq!(inside, [[false, true]; 5].concat(), "{order:#?}");
    assert!(!sim.is_on(&asked));
}

#[test]
fn r81_a_source_with_credit_is_asked_only_while_it_has_some() {
    let source = Sim::credited((1..=5u8).map(|n| (second(0), n)), Reason::Normal);
    let log = Log::default();
    let mut sim = run(log.endpoint("s", Role::subscriber(items_of(&source))));
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
    let listeners = (
        log.endpoint("a", Role::subscriber(items_of(&a))),
        log.endpoint("b", Role::subscriber(items_of(&b))),
    );
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
    let listener = log.endpoint("s", Role::subscriber(items_of(&source)));
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
    let chatty = on_message(Role::subscriber(items_of(&source)), |_| [send("a"), send("b"), send("c")]);
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
