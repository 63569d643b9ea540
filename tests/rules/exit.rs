//! R50 to R55: how processes end.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// A process that signs `sign(1)` and panics when it hears `fail`; it answers `ping` with `pong`.
fn failing() -> ActionTree<()> {
    let endpoints = (
        silent(publisher("sign(1)")),
        on_message(subscriber("ping"), |_| send("pong")),
        on_message(subscriber("fail"), |_| -> ActionTree<()> { panic!("failed") }),
    );
    endpoints.into_action_tree()
}

#[test]
fn r50_the_failed_turns_actions_are_dropped_and_earlier_ones_performed() {
    let log = Log::default();
    let sim = run((
        log.endpoint("watch", subscriber("sign(1)")),
        process((failing(), send("early(1)"), send("fail"), send("early(2)"))),
    ));
    // Behind the failure stand two actions of earlier turns; the quit is behind them.
    assert_eq!(sent(&sim), ["early(1)", "fail", "early(2)"]);
    assert_eq!(
        trace_of(&sim, "p2").split_off(10),
        ["sends message early(2)", "quits (panic: failed)", "exits: panic: failed"]
    );
    assert_eq!(log.take().last().unwrap(), "watch: absence of publisher sign(1) (panic: failed)");
}

#[test]
fn r50_a_failed_process_hears_nothing_more() {
    let log = Log::default();
    let yields = log.clone();
    let late = yield_now(move |()| {
        yields.note("never");
        Transition::new((), send("never"))
    });
    let sim = run(process((
        log.endpoint("failed", subscriber("early")),
        failing(),
        (send("early"), send("fail"), send("early"), silent(publisher("early")), late),
    )));
    // The actions that it asked for before are performed while its endpoints are still there: but
    // its code does not run.
    assert_eq!(sent(&sim), ["early", "fail", "early"]);
    assert_eq!(log.take(), ["failed: vacancy: no publisher early", "failed: message early"]);
}

#[test]
fn r50_continuations_of_a_failed_process_are_skipped() {
    let log = Log::default();
    let (boot, parent) = (log.clone(), log.clone());
    let child = spawn(move |pid| {
        boot.note(format!("child {pid}"));
        Transition::new((), ())
    });
    let waits = child.then(move |(), _| {
        parent.note("parent");
        Transition::new((), ())
    });
    run(process((failing(), send("fail"), waits)));
    assert_eq!(log.take(), ["child p3"]);
}

#[test]
fn r50_a_failed_process_still_has_its_endpoints_until_its_quit() {
    let log = Log::default();
    run((
        process((failing(), send("fail"), send("early"))),
        process(on_message(subscriber("early"), {
            let log = log.clone();
            move |_| process(log.endpoint("watch", subscriber("sign(1)")))
        })),
        yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), ())))),
    ));
    // Spawned behind the quit: nobody is there.
    let mut sim = run((process(failing()), yield_now(|()| Transition::new((), send("fail")))));
    sim.run();
    assert_eq!(exits(&sim), ["p2: panic: failed"]);
    // Added between failure and quit: there still.
    run((
        process(failing()),
        yield_now({
            let log = log.clone();
            move |()| {
                Transition::new(
                    (),
                    yield_now(move |()| {
                        log.take();
                        Transition::new((), (send("fail"), log.endpoint("late", subscriber("sign(1)"))))
                    }),
                )
            }
        }),
    ));
    assert_eq!(
        log.take(),
        ["late: presence of publisher sign(1)", "late: absence of publisher sign(1) (panic: failed)"]
    );
}

#[test]
fn r50_a_panic_with_any_payload() {
    let payload = |n: usize| {
        on_message(subscriber("x"), move |_| -> ActionTree<()> {
            match n {
                0 => panic!("text"),
                1 => std::panic::panic_any(7u8),
                2 => std::panic::panic_any("static"),
                _ => panic!("{}", n),
            }
        })
    };
    let texts = ["text", "a panic without text", "static", "3"];
    for (n, text) in texts.iter().enumerate() {
        let sim = run((payload(n), send("x")));
        assert_eq!(exits(&sim), [format!("p0: panic: {text}")]);
    }
}

#[test]
fn r50_values_nest_at_most_256_deep() {
    #[derive(Message, Clone)]
    struct Wrap(Value);
    let nested = |depth: usize| (0..depth).fold(Value::UNIT, |inner, _| Value::sequence([inner]));
    assert_eq!(nested(MAX_DEPTH).depth(), MAX_DEPTH);
    assert_eq!(Value::try_sequence([nested(MAX_DEPTH)]), Err(TooDeep));
    assert_eq!(Value::try_record("r", [nested(MAX_DEPTH)]), Err(TooDeep));
    let sim = run((
        process(on_message(subscriber("x"), move |_| send_message(&nested(MAX_DEPTH)))),
        process(on_message(subscriber("x"), move |_| send_message(&nested(MAX_DEPTH + 1)))),
        process(on_message(subscriber("x"), |_| -> PreAction<()> {
            let topic = (0..=MAX_DEPTH).fold(Topic::any(), |inner, _| Topic::sequence([inner]));
            unreachable!("{topic}")
        })),
        process(on_message(subscriber("x"), move |_| send_message(&Wrap(nested(MAX_DEPTH - 1))))),
        process(on_message(subscriber("x"), move |_| send_message(&Wrap(nested(MAX_DEPTH))))),
        process(on_message(subscriber("x"), move |_| send_message(&Some(nested(MAX_DEPTH))))),
        process(on_message(subscriber("x"), move |_| {
            let deepest = nested(MAX_DEPTH);
            silent(Role::subscriber(topic!((deepest, _))))
        })),
        yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), send("x"))))),
    ));
    let too_deep = "panic: a value nests deeper than 256 levels";
    assert_eq!(exits(&sim), [3, 4, 6, 7, 8].map(|pid| format!("p{pid}: {too_deep}")));
}

#[test]
fn r51_local_then_meta_endpoints_go_in_creation_order_and_its_own_hear_nothing() {
    let log = Log::default();
    let inner = log.clone();
    let outside = ["m(1)", "m(2)", "m(3)"].map(|text| process(log.endpoint("outside", publisher(text))));
    run((
        outside,
        spawn_vm(move |_, _| {
            let own = |text: &str| inner.endpoint("own", subscriber(text));
            let meta = |text: &str| at_meta_level(inner.endpoint("own", subscriber(text)));
            let told = inner.clone();
            let dies = process((
                meta("m(2)"),
                own("l(2)"),
                meta("m(1)"),
                own("l(1)"),
                own("l(3)"),
                meta("m(3)"),
                silent(publisher("l(1)")),
                yield_now(move |()| {
                    Transition::new(
                        (),
                        yield_now(move |()| {
                            told.take();
                            Transition::new((), quit().because(because("why")))
                        }),
                    )
                }),
            ));
            let watch = ["l(1)", "l(2)", "l(3)"].map(|text| inner.endpoint("inside", publisher(text)));
            Transition::new((), (watch, dies))
        }),
    ));
    let absence = |who: &str, what: &str| format!("{who}: absence of subscriber {what} (why)");
    assert_eq!(
        log.take(),
        [
            absence("inside", "l(2)"),
            absence("inside", "l(1)"),
            absence("inside", "l(3)"),
            absence("outside", "m(2)"),
            absence("outside", "m(1)"),
            absence("outside", "m(3)"),
        ]
    );
}

#[test]
fn r51_actions_queued_after_the_quit_are_dropped() {
    let sim = run((
        silent(subscriber("sign")),
        process((
            on_message(subscriber("ping"), |_| send("pong")),
            send("ping"),
            quit(),
            send("never"),
            silent(publisher("sign")),
            spawn(|_| Transition::new((), send("never"))),
            yield_now(|()| Transition::new((), send("never"))),
        )),
    ));
    // The answer to its own ping was queued behind the quit as well.
    assert_eq!(sent(&sim), ["ping"]);
    assert_eq!(exits(&sim), ["p2: normal"]);
}

#[test]
fn r52_a_kill_acts_at_once_and_everybody_hears_it_the_killer_too() {
    let log = Log::default();
    let victim = process((
        silent(publisher("sign")),
        yield_now(|()| Transition::new((), (send("late"), send("late")))),
    ));
    let killer = (
        log.endpoint("killer", subscriber("sign")),
        yield_now(|()| {
            Transition::new((), (send("before"), quit().pid(pid(2)).because(because("why")), send("after")))
        }),
    );
    let sim = run((victim, process(log.endpoint("other", subscriber("sign"))), process(killer)));
    assert_eq!(
        log.take().split_off(2),
        ["other: absence of publisher sign (why)", "killer: absence of publisher sign (why)"]
    );
    let order = sent(&sim);
    assert_eq!(order, ["late", "late", "before", "after"]);
    assert_eq!(exits(&sim), ["p2: why"]);
}

#[test]
fn r52_a_kill_drops_what_the_victim_has_queued() {
    let sim = run((
        process((send("a"), send("b"), send("c"), yield_now(|()| Transition::new((), send("d"))))),
        process(()),
        on_message(subscriber("a"), |_| ()),
        quit().pid(pid(2)),
    ));
    assert_eq!(sent(&sim), [""; 0]);
    assert_eq!(exits(&sim), ["p2: killed"]);
    assert_eq!(sim.stats().queued, 0);
}

#[test]
fn r52_a_quit_of_nobody_is_nothing() {
    let sim = run((
        quit().pid(pid(99)),
        quit().pid(pid(3)),
        process((silent(publisher("x")), quit().pid(pid(1000)))),
        send("x"),
    ));
    assert_eq!(sim.exits().len(), 0);
    assert_eq!(sent(&sim), ["x"]);
    // Of somebody who is gone.
    let sim = run((
        process(quit()),
        yield_now(|()| {
            Transition::new((), yield_now(|()| Transition::new((), (quit().pid(pid(2)), send("x")))))
        }),
    ));
    assert_eq!(exits(&sim), ["p2: normal"]);
    assert_eq!(sent(&sim), ["x"]);
}

#[test]
fn r52_a_quit_of_ones_own_pid_is_a_quit_of_self() {
    let log = Log::default();
    let mut sim = sim(log.endpoint("watch", subscriber("sign")));
    let own = log.clone();
    sim.spawn(spawn(move |pid| {
        let hears = own.endpoint("own", publisher("sign"));
        Transition::new((), (hears, quit().pid(pid), send("never")))
    }));
    sim.run();
    assert_eq!(log.take().last().unwrap(), "watch: absence of publisher sign (normal)");
    assert_eq!(exits(&sim), ["p2: normal"]);
    assert_eq!(sent(&sim), [""; 0]);
}

#[test]
fn r53_until_its_quit_is_performed_a_process_hears_and_changes() {
    let log = Log::default();
    let reads = log.clone();
    let mut sim = Sim::new(move |_| {
        let counts = AddEndpoint::new(subscriber("x"), move |event, turn| match event.body() {
            Some(_) => turn.transition(|n: u64| {
                reads.note(format!("{}", n + 1));
                Transition::new(n + 1, (n == 0).then(|| (send("x"), quit(), send("x"))))
            }),
            None => turn.skip(),
        });
        Transition::new(0, (counts, send("x"), send("x")))
    });
    sim.run();
    // Two from the boot; the first answer sends one before the quit. The one behind it is dropped.
    assert_eq!(log.take(), ["1", "2", "3"]);
    assert_eq!(exits(&sim), ["p0: normal"]);
}

#[test]
fn r54_reasons_have_defaults() {
    let signed = |number: u64| silent(publisher(&format!("sign({number})")));
    let log = Log::default();
    let sim = run((
        log.endpoint("watch", subscriber("sign(_)")),
        process((signed(2), quit())),
        process(signed(3)),
        process(signed(4)),
        process((name_endpoint(1u8, signed(5)), delete_endpoint(1u8), quit().pid(pid(3)))),
        name_process(
            value("killer(1)"),
            process((signed(6), quit().pid(pid(4)), quit().because(Reason::Shutdown))),
        ),
    ));
    assert_eq!(exits(&sim), ["p2: normal", "p3: killed", "p4: killed by killer(1)", "p6: shutdown"]);
    let heard = log.take();
    let absences: Vec<_> =
        heard.iter().filter_map(|line| line.strip_prefix("watch: absence of publisher ")).collect();
    assert_eq!(
        absences,
        [
            "sign(2) (normal)",
            "sign(5) (normal)",
            "sign(3) (killed)",
            "sign(4) (killed by killer(1))",
            "sign(6) (shutdown)"
        ]
    );
    // Structured: whoever reads them need not parse.
    let reasons: Vec<_> = sim.exits().iter().map(|exit| exit.reason.clone()).collect();
    assert_eq!(reasons[1], Reason::Killed(None));
    assert_eq!(reasons[2], Reason::Killed(Some(value("killer(1)"))));
    assert_eq!(Reason::default(), Reason::Normal);
}

#[test]
fn r54_reasons_cross_layers_both_ways() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run((
        process(name_endpoint(1u8, log.endpoint("outside", publisher("x")))),
        spawn_vm(move |_, _| {
            let hears = at_meta_level(inner.endpoint("hears", subscriber("x")));
            let says = at_meta_level(silent(subscriber("x")));
            let fails = on_message(subscriber("fail"), |body| -> ActionTree<()> { panic!("{body}") });
            Transition::new(
                (),
                (
                    hears,
                    process((says, fails)),
                    yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), send("fail"))))),
                ),
            )
        }),
    ));
    assert_eq!(log.take().last().unwrap(), "outside: absence of subscriber x (panic: fail)");
    sim.kill(pid(2), because("why"));
    sim.run();
    assert_eq!(log.take(), ["hears: absence of publisher x (why)"]);
}

#[test]
fn r55_a_boot_that_fails_is_told_to_the_parent() {
    let boots: [(fn() -> Spawn<()>, &str); 4] = [
        (|| spawn(|_| -> Transition<()> { panic!("boot") }), "panic: boot"),
        (|| spawn(|_| -> Result<Transition<()>, Failure> { Err(Failure::value(&1u8)) }), "1"),
        (|| spawn_vm(|_, _| -> Transition<()> { panic!("inside") }), "panic: inside"),
        (
            || {
                spawn(|_| -> Result<Transition<()>, Failure> {
                    "x".parse::<u8>()?;
                    Ok(Transition::new((), ()))
                })
            },
            "invalid digit found in string",
        ),
    ];
    for (boot, reason) in boots {
        let log = Log::default();
        let told = log.clone();
        let sim = run((
            boot().then(move |(), child| {
                told.note(child.map_or_else(|reason| reason.to_string(), |pid| pid.to_string()));
                Transition::new((), send("next"))
            }),
            boot(),
            send("rest"),
        ));
        assert_eq!(log.take(), [reason]);
        assert_eq!(sent(&sim), ["rest", "next"]);
        assert_eq!(sim.stats().processes, 1);
        assert!(sim.outcome().is_ok());
    }
}
