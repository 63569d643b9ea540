//! The order and the reach of actions that go outward: the rest of R70, R72 and R75.

use marketplace::*;

use crate::support::*;

/// These actions, after a yield.
fn then(actions: impl IntoActionTree<()> + Send + 'static) -> Action<()> {
    yield_now(move |()| Transition::new((), actions))
}

#[test]
fn r70_what_goes_outward_in_a_turn_is_performed_before_the_next_turn_begins() {
    let round = |n: u8| (send(&format!("in({n})")), at_meta_level([send::<()>(&format!("out({n})"))]));
    let sim = run(spawn_vm(move |_, _| {
        Transition::new((), (round(1), then((round(2), then((round(3), then(())))))))
    }));
    assert_eq!(sent(&sim), ["in(1)", "out(1)", "in(2)", "out(2)", "in(3)", "out(3)"]);
}

#[test]
fn r72_outward_acts_take_effect_in_order() {
    let log = Log::default();
    let inner = log.clone();
    run(spawn_vm(move |_, _| {
        let named =
            |label: &str| at_meta_level([name_endpoint("e", inner.endpoint(label, subscriber("x(_)")))]);
        let say = |n: u8| at_meta_level([send::<()>(&format!("x({n})"))]);
        let gone = at_meta_level([delete_endpoint("e")]);
        // Each message meets the endpoint of its own place in the row, not the one that is last.
        let row = (named("first"), say(1), named("second"), say(2), gone, say(3), named("third"), say(4));
        Transition::new((), (row, at_meta_level([silent(publisher("stays"))])))
    }));
    let messages: Vec<_> = log.take().into_iter().filter(|line| line.contains("message")).collect();
    assert_eq!(messages, ["first: message x(1)", "second: message x(2)", "third: message x(4)"]);
}

#[test]
fn r75_a_meta_quit_with_the_vms_own_pid_stops_it_at_that_step() {
    let stops = |own: bool| {
        run((
            silent(subscriber("never")),
            spawn_vm(move |vm_pid, _| {
                let quit = quit().because(because("why"));
                let quit = if own { quit.pid(vm_pid) } else { quit };
                let stop = (at_meta_level([send("before")]), at_meta_level([quit]), send("never"));
                let other = process(then((send("never"), at_meta_level([send::<()>("never")]))));
                let sign = at_meta_level([silent(publisher("sign"))]);
                Transition::new((), (sign, other, then((send("inside"), stop))))
            }),
        ))
    };
    for own in [false, true] {
        let sim = stops(own);
        assert_eq!(sent(&sim), ["inside", "before"], "own: {own}");
        assert_eq!(exits(&sim), ["p2: why"]);
    }
    // It is one thing, however it is said.
    assert_eq!(trace_of(&stops(true), "p2/p0").len(), trace_of(&stops(false), "p2/p0").len());
}

#[test]
fn r75_a_meta_quit_of_another_pid_stops_nothing_here() {
    let sim = run((
        spawn_vm(|_, _| {
            let sign = at_meta_level([silent(publisher("sign"))]);
            Transition::new((), (sign, then((at_meta_level([quit().pid(pid(3))]), send("on")))))
        }),
        process(silent(subscriber("x"))),
    ));
    assert_eq!(sent(&sim), ["on"]);
    assert_eq!(exits(&sim), ["p3: killed"]);
}
