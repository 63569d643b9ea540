//! R70 to R74: VMs in VMs.

use marketplace::*;

use crate::support::*;

/// A yield, so many times over, and then these actions.
pub(crate) fn later<T: IntoActionTree<()> + Send + 'static>(rounds: usize, actions: T) -> ActionTree<()> {
    match rounds {
        0 => actions.into_action_tree(),
        _ => yield_now(move |()| Transition::new((), later(rounds - 1, actions))).into_action_tree(),
    }
}

#[test]
fn r70_a_turn_of_a_vm_is_what_was_queued_when_it_began() {
    let outer = |name: &'static str| {
        process((
            on_message(subscriber("tick"), |_| ()),
            (1..=3).map(move |n| send(&format!("{name}({n})"))).collect::<Vec<_>>(),
        ))
    };
    let sim = run((
        outer("before"),
        spawn_vm(|_, _| {
            let echo = on_message(subscriber("in(_)"), |_| send("echo"));
            Transition::new(
                (),
                (echo, send("in(1)"), send("in(2)"), spawn(|_| Transition::new((), send("child")))),
            )
        }),
        outer("after"),
    ));
    // Its first turn: endpoint, two messages, spawn. Its second: what these led to.
    assert_eq!(
        sent(&sim),
        [
            "before(1)",
            "before(2)",
            "before(3)",
            "in(1)",
            "in(2)",
            "after(1)",
            "after(2)",
            "after(3)",
            "echo",
            "echo",
            "child"
        ]
    );
}

#[test]
fn r70_a_vm_holds_one_place_while_it_has_work() {
    let yields = |name: &'static str| {
        fn round(name: &'static str, n: u64) -> Transition<()> {
            Transition::new(
                (),
                (send(&format!("{name}({n})")), (n < 4).then(|| yield_now(move |()| round(name, n + 1)))),
            )
        }
        spawn::<(), _>(move |_| round(name, 1))
    };
    // However many processes it has inside, the VM takes turns with its sibling.
    let mut sim = sim((
        spawn_vm(move |_, _| Transition::new((), (yields("a"), yields("b"), yields("c")))),
        yields("sibling"),
    ));
    let mut most = 0;
    while sim.step() {
        most = most.max(sim.stats().queued);
    }
    let order = sent(&sim);
    let siblings: Vec<_> =
        order.iter().enumerate().filter(|(_, s)| s.starts_with("sibling")).map(|(i, _)| i).collect();
    assert!(most <= 5, "{most}: two spawns, the relay, the VM's place, the sibling's");
    assert_eq!(order.len(), 16);
    assert!(siblings.windows(2).all(|pair| pair[1] - pair[0] <= 4), "{order:?}");
}

#[test]
fn r70_steps_slices_and_one_long_run_give_the_same_trace() {
    let program = || {
        sim((
            process((on_message(subscriber("out(_)"), send_feedback), send("x"))),
            spawn_vm(|_, _| {
                let both = (
                    at_meta_level(on_message(publisher("out(_)"), |body| send(&format!("back({body})")))),
                    on_message(subscriber("back(_)"), |_| process(())),
                );
                let deeper = spawn_vm(|_, _| {
                    let far = at_meta_level(send::<()>("back(1)"));
                    let farther =
                        [1, 2, 3].map(|n| send::<()>(&format!("out({n})")).at_meta_level().at_meta_level());
                    Transition::new((), (later(2, far), farther, later(1, at_meta_level(quit()))))
                });
                Transition::new((), (both, deeper, later(3, at_meta_level(send("out(0)")))))
            }),
            later(4, send("y")),
        ))
    };
    let mut whole = program();
    whole.run();
    let mut stepped = program();
    while stepped.step() {}
    assert!(whole.trace().records().len() > 60);
    assert_eq!(stepped.trace(), whole.trace());
    for slice in [1, 2, 3, 5, 7, 100] {
        let mut sliced = program();
        while sliced.run_steps(slice) {}
        assert_eq!(sliced.trace(), whole.trace(), "slices of {slice}");
    }
}

#[test]
fn r71_each_action_acts_one_level_out() {
    let log = Log::default();
    let inner = log.clone();
    let sim = run((
        process((log.endpoint("outside", subscriber("x(_)")), log.endpoint("outside", publisher("y")))),
        process(silent(publisher("victim"))),
        spawn_vm(move |_, _| {
            let local = inner.endpoint("local", subscriber("_"));
            let meta = at_meta_level((
                name_endpoint(1u8, inner.endpoint("meta", publisher("x(0)"))),
                delete_endpoint(1u8),
                send("x(1)"),
                feedback("y"),
                refuse(topic("x(2)"), value("no")),
                process(send("x(3)")),
                quit().pid(pid(3)),
            ));
            Transition::new((), (local, meta))
        }),
    ));
    assert_eq!(
        log.take(),
        [
            "outside: vacancy: no publisher x(_)",
            "outside: vacancy: no subscriber y",
            "local: vacancy: no publisher _",
            "outside: presence of publisher x(0)",
            "meta: presence of subscriber x(0)",
            "outside: absence of publisher x(0) (normal)",
            "meta: absence of subscriber x(0) (normal)",
            "outside: message x(1)",
            "outside: feedback y",
            "outside: absence of publisher x(2) (refused: no)",
            "outside: message x(3)",
        ]
    );
    assert_eq!(exits(&sim), ["p3: killed"]);
}

/// A VM in a VM (p2, and p2/.. inside), whose inner boot process has these actions; the outer VM
/// keeps an endpoint outside.
pub(crate) fn two_deep(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<()> {
    spawn_vm(move |_, _| {
        let inner = spawn_vm(move |_, _| Transition::new((), actions));
        Transition::new((), (at_meta_level(silent(publisher("middle"))), inner))
    })
}

pub(crate) fn two_out<S>(action: impl Into<PreAction<S>>) -> PreAction<S> {
    action.into().at_meta_level().at_meta_level()
}

#[test]
fn r71_two_wrappers_act_two_levels_out() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run((
        two_deep((
            two_out(name_endpoint(
                1u8,
                log.doing("far", subscriber("x(_)"), |heard| match heard {
                    Heard::Message(_, body) if *body == value("x(1)") => (
                        Some(two_out(feedback("x(1)"))),
                        None,
                        Some(two_out(delete_endpoint(1u8).because(because("enough")))),
                    ),
                    Heard::Message(..) => (None, Some(send("inside")), None),
                    _ => (None, None, None),
                }),
            )),
            log.endpoint("inside", subscriber("inside")),
        )),
        process(inner.endpoint("ground", publisher("x(_)"))),
    ));
    log.take();
    sim.send(&value("x(0)"));
    sim.send(&value("x(1)"));
    sim.run();
    assert_eq!(
        log.take(),
        [
            "far: message x(0)",
            "far: message x(1)",
            "inside: message inside",
            "ground: feedback x(1)",
            "ground: absence of subscriber x(_) (enough)",
            "far: absence of publisher x(_) (enough)",
        ]
    );
}

#[test]
fn r71_a_spawn_two_levels_out_goes_on_inside() {
    let log = Log::default();
    let (outside, inside) = (log.clone(), log.clone());
    let child = spawn(move |pid| {
        outside.note(format!("child {pid}"));
        Transition::new((), (silent(publisher("child")), send("hello")))
    });
    let then = child.then(move |(), child| {
        inside.note(format!("parent {child:?}"));
        Transition::new((), (send("local"), two_out(send("far"))))
    });
    run((
        log.endpoint("ground", subscriber("_")),
        two_deep((two_out(then), log.endpoint("inside", subscriber("local")))),
    ));
    let heard = log.take();
    let expected = [
        "child p3",
        "parent Ok(p3)",
        "ground: presence of publisher child",
        "ground: message hello",
        "inside: message local",
        "ground: message far",
    ];
    let found: Vec<_> = heard.iter().filter(|line| expected.contains(&line.as_str())).collect();
    assert_eq!(found.len(), expected.len(), "{heard:#?}");
    assert_eq!(found[..2], expected[..2]);
}

#[test]
fn r71_a_boot_that_fails_two_levels_out_is_told_inside() {
    let log = Log::default();
    let inside = log.clone();
    let child = spawn(|_| -> Transition<()> { panic!("no") });
    run(two_deep(two_out(child.then(move |(), child| {
        inside.note(format!("{}", child.unwrap_err()));
        Transition::new((), ())
    }))));
    assert_eq!(log.take(), ["panic: no"]);
}

#[test]
fn r71_a_quit_two_levels_out_stops_the_outer_vm() {
    let log = Log::default();
    let sim = run((
        log.endpoint("ground", subscriber("_")),
        two_deep((
            two_out(send("before")),
            two_out(quit().because(because("why"))),
            later(3, two_out(send("never"))),
        )),
        process(log.endpoint("bystander", publisher("x"))),
    ));
    assert_eq!(exits(&sim), ["p2: why"]);
    let heard = log.take();
    assert_eq!(heard.last().unwrap(), "ground: absence of publisher middle (why)");
    assert!(heard.contains(&"ground: message before".to_string()));
    assert!(!sent(&sim).contains(&"never".to_string()));
}

#[test]
fn r71_a_quit_of_a_pid_two_levels_out_kills_there() {
    let sim =
        run((process(silent(publisher("x"))), two_deep(two_out(quit().pid(pid(2)).because(because("why"))))));
    assert_eq!(exits(&sim), ["p2: why"]);
}

#[test]
fn r71_a_process_takes_its_endpoints_two_levels_out_with_it() {
    let log = Log::default();
    let ends = |how: fn() -> ActionTree<()>| {
        let far = log.endpoint("far", subscriber("x"));
        let near = at_meta_level(log.endpoint("near", subscriber("x")));
        two_deep((process((two_out(far), near, later(3, how()))), log.endpoint("other", subscriber("y"))))
    };
    let ways: [(fn() -> ActionTree<()>, &str); 3] = [
        (|| quit().because(because("why")).into_action_tree(), "why"),
        (
            || (on_message(subscriber("z"), |_| -> () { panic!("failed") }), send("z")).into_action_tree(),
            "panic: failed",
        ),
        (|| at_meta_level(quit().because(because("vm"))), "vm"),
    ];
    for (how, reason) in ways {
        run((log.endpoint("ground", publisher("x")), ends(how)));
        let heard = log.take();
        assert_eq!(heard.last().unwrap(), &format!("ground: absence of subscriber x ({reason})"));
        assert_eq!(heard.iter().filter(|line| line.starts_with("far")).count(), 1, "{heard:#?}");
    }
}

#[test]
fn r72_a_meta_event_runs_the_handler_with_the_inner_state() {
    let log = Log::default();
    let told = log.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        let counts = AddEndpoint::new(subscriber("x"), |event, turn| match event.body() {
            Some(_) => turn.transition(|n: u64| Transition::new(n + 1, send(&format!("inside({n})")))),
            None => turn.skip(),
        });
        Transition::new(10, (at_meta_level(counts), told.endpoint("inside", subscriber("_"))))
    }));
    log.take();
    sim.send(&value("x"));
    sim.send(&value("x"));
    sim.run();
    assert_eq!(log.take(), ["inside: message inside(10)", "inside: message inside(11)"]);
    // The plain action was performed inside: nobody outside could have heard it.
    assert_eq!(
        trace_of(&sim, "p2/p0").iter().filter(|line| line.starts_with("sends message inside")).count(),
        2
    );
}

#[test]
fn r72_a_process_that_is_gone_hears_nothing() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        let dies = process((
            at_meta_level(inner.endpoint("dead", subscriber("x"))),
            on_message(subscriber("die"), |_| quit()),
        ));
        let lives = (
            at_meta_level(inner.endpoint("alive", subscriber("x"))),
            at_meta_level(on_message(subscriber("x"), |_| send("die"))),
        );
        Transition::new((), (dies, lives))
    }));
    log.take();
    // Both messages are in the queue before the inner process dies; its endpoint outside goes after
    // that.
    sim.send(&value("x"));
    sim.run();
    sim.send(&value("x"));
    sim.run();
    assert_eq!(log.take(), ["alive: message x", "dead: message x", "alive: message x"]);
}

#[test]
fn r73_meta_and_local_messages_are_apart() {
    let log = Log::default();
    let inner = log.clone();
    run((
        process(log.endpoint("container", subscriber("_"))),
        spawn_vm(move |_, _| {
            let endpoints = (
                inner.endpoint("local", subscriber("x(_)")),
                at_meta_level(inner.endpoint("meta", subscriber("x(_)"))),
            );
            Transition::new((), (endpoints, later(1, (send("x(1)"), at_meta_level(send("x(2)"))))))
        }),
    ));
    let heard = log.take();
    let messages: Vec<_> = heard.iter().filter(|line| line.contains("message")).collect();
    assert_eq!(messages, ["local: message x(1)", "container: message x(2)", "meta: message x(2)"]);
}

#[test]
fn r74_a_meta_spawn_makes_a_sibling_of_the_vm() {
    let log = Log::default();
    let (outside, inside) = (log.clone(), log.clone());
    let sim = run(spawn_vm(move |vm_pid, _| {
        let child = spawn(move |pid| {
            outside.note(format!("child {pid} beside {vm_pid}"));
            Transition::new((), (outside.endpoint("sibling", publisher("x")), send("hello")))
        });
        let then = child.then(move |n: u64, child| {
            inside.note(format!("parent {n} {child:?}"));
            Transition::new(n + 1, (send("local"), at_meta_level(quit().pid(child.unwrap_or(Pid::BOOT)))))
        });
        Transition::new(7, at_meta_level(then))
    }));
    assert_eq!(log.take(), ["child p3 beside p2", "parent 7 Ok(p3)", "sibling: vacancy: no subscriber x"]);
    assert_eq!(exits(&sim), ["p3: killed"]);
    assert!(trace_of(&sim, "p2/p0").contains(&"sends message local".to_string()));
}

#[test]
fn r74_the_continuation_is_skipped_when_the_inner_process_is_gone() {
    let log = Log::default();
    let inside = log.clone();
    run((
        log.endpoint("ground", subscriber("hello")),
        spawn_vm(move |_, _| {
            let then = process(send("hello")).then(move |(), _| {
                inside.note("never");
                Transition::new((), ())
            });
            let dies = process((at_meta_level(then), quit()));
            Transition::new((), (at_meta_level(silent(publisher("x"))), dies))
        }),
    ));
    assert_eq!(log.take(), ["ground: vacancy: no publisher hello", "ground: message hello"]);
}
