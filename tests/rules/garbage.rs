//! R60, R61: what is dropped, and what is done.

use marketplace::objects::{promise, when};
use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// Whether this process, which has the PID 2, is dropped by the time nothing happens any more.
fn is_dropped(process: Spawn<()>) -> bool {
    let mut sim = sim(silent(publisher("boot")));
    sim.run();
    sim.spawn(process);
    sim.run();
    assert!(sim.exits().iter().all(|exit| !exit.vm.is_empty()), "silently");
    let dropped = trace_of(&sim, "p2").iter().any(|line| line == "is dropped");
    assert_eq!(sim.stats().processes, if dropped { 2 } else { 3 });
    dropped
}

#[test]
fn r60_a_process_to_which_nothing_can_happen_is_dropped() {
    assert!(is_dropped(process(())));
    assert!(is_dropped(process((send("x"), refuse(topic("x"), value("no"))))));
    assert!(is_dropped(process((name_endpoint(1u8, silent(publisher("x"))), delete_endpoint(1u8)))));
    assert!(is_dropped(process((once(silent(subscriber("x"))), send("x")))));
    assert!(is_dropped(process(at_meta_level(send("x")))), "the host has done what it wanted");
    assert!(is_dropped(process(yield_now(|()| Transition::new((), ())))));
    assert!(!is_dropped(process(silent(publisher("x")))));
    assert!(!is_dropped(process((silent(publisher("x")), send("x")))));
}

#[test]
fn r60_a_queued_action_holds_a_process() {
    let sim = run(process((
        yield_now(|()| {
            Transition::new(
                (),
                yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), send("last"))))),
            )
        }),
        send("first"),
    )));
    assert_eq!(sent(&sim), ["first", "last"]);
    let lines = trace_of(&sim, "p2");
    assert_eq!(lines.iter().position(|line| line == "is dropped"), Some(lines.len() - 1));
    assert_eq!(lines[lines.len() - 2], "sends message last");
}

#[test]
fn r60_dropping_is_silent() {
    // Nobody is told: neither the parent nor anybody else.
    let log = Log::default();
    let sim = run((
        log.endpoint("all", Role::new(Orientation::Subscriber, topic("_"), InterestType::Everything)),
        process(()).then(|(), _| Transition::new((), ())),
    ));
    assert_eq!(
        log.take(),
        ["all: vacancy: no publisher _", "all: presence of publisher Ground(_, _) as observer"]
    );
    assert_eq!(sim.exits().len(), 0);
}

#[test]
fn r60_a_meta_endpoint_holds_a_process() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        let child = process(at_meta_level(inner.doing("meta", subscriber("x(_)"), |heard| {
            matches!(heard, Heard::Message(_, body) if *body == value("x(1)")).then(|| send("inside"))
        })));
        Transition::new((), child)
    }));
    log.take();
    sim.send(&value("x(0)"));
    sim.send(&value("x(1)"));
    sim.run();
    assert_eq!(log.take(), ["meta: message x(0)", "meta: message x(1)"]);
    assert_eq!(sent(&sim).last().unwrap(), "inside");
    assert!(trace_of(&sim, "p2/p0").contains(&"is dropped".to_string()), "the boot process had none");
}

#[test]
fn r60_a_pending_continuation_holds_a_process() {
    let log = Log::default();
    let inner = log.clone();
    run((
        // While the container is kept busy, the inner process has nothing but its continuation.
        spawn_vm(move |_, _| {
            let child = process(silent(publisher("sibling")));
            let then = child.then(move |(), child| {
                inner.note(format!("child {}", child.is_ok()));
                Transition::new((), send("inside"))
            });
            Transition::new((), (at_meta_level(then), at_meta_level(silent(publisher("holds-the-vm")))))
        }),
        process([send("a"), send("b"), send("c")]),
    ));
    assert_eq!(log.take(), ["child true"]);
}

#[test]
fn r60_a_process_whose_continuation_has_run_further_out_is_dropped() {
    let sim = run(spawn_vm(|_, _| {
        let sibling = process(silent(publisher("sibling")));
        let asks = process(at_meta_level(sibling.then(|(), _| Transition::new((), ()))));
        Transition::new((), (asks, at_meta_level(silent(publisher("holds-the-vm")))))
    }));
    assert_eq!(trace_of(&sim, "p2/p1").last().unwrap(), "is dropped");
}

#[test]
fn r61_a_vm_is_done_when_idle_without_a_meta_endpoint() {
    // Ordinary endpoints do not hold it.
    let local = spawn_vm(|_, _| {
        Transition::new((), (silent(publisher("x")), process(silent(subscriber("x"))), send("x")))
    });
    assert!(is_dropped(local));
    assert!(is_dropped(spawn_vm(|_, _| Transition::new((), ()))));
    assert!(is_dropped(spawn_vm(|_, _| Transition::new((), at_meta_level(send("x"))))));
    assert!(is_dropped(spawn_vm(|_, _| Transition::new(
        (),
        spawn_vm(|_, _| Transition::new((), silent(publisher("x"))))
    ))));
    let meta = || at_meta_level(name_endpoint(1u8, silent(publisher("x"))));
    assert!(!is_dropped(spawn_vm(move |_, _| Transition::new((), meta()))));
    assert!(is_dropped(spawn_vm(move |_, _| Transition::new(
        (),
        (meta(), at_meta_level(delete_endpoint(1u8)))
    ))));
    assert!(is_dropped(spawn_vm(move |_, _| Transition::new((), (meta(), quit())))));
    // One of an inner VM's processes two levels out holds both.
    assert!(!is_dropped(spawn_vm(move |_, _| {
        let out = || silent::<()>(publisher("x"));
        Transition::new(
            (),
            spawn_vm(move |_, _| Transition::new((), at_meta_level(PreAction::from(out()).at_meta_level()))),
        )
    })));
}

#[test]
fn r61_the_ground_vm_is_done_when_idle_and_nobody_listens_to_a_source() {
    let source = Sim::source([1u8, 2]);
    let topic_ = Topic::record("Ground", [source.to_value().into(), Topic::any()]);
    let mut sim = sim((
        silent(publisher("x")),
        process(AddEndpoint::new(Role::subscriber(topic_), |event, turn| {
            if event.is_absence() { turn.act(quit()) } else { turn.skip() }
        })),
    ));
    assert!(!sim.is_done(), "there is work");
    sim.run();
    assert!(sim.is_done(), "the source has ended and its listener is gone");
    assert_eq!(sim.stats().processes, 2, "a process with an ordinary endpoint holds nothing");
    assert!(sim.outcome().is_ok());
}

#[test]
fn r61_a_listener_to_a_source_holds_the_ground_vm() {
    let source = Sim::timeline([(std::time::Duration::from_secs(1), 1u8)], Reason::Normal);
    let topic_ = Topic::record("Ground", [source.to_value().into(), Topic::any()]);
    let mut sim = run(name_endpoint(1u8, silent(Role::subscriber(topic_))));
    assert_eq!(sim.stats().queued, 0);
    assert!(!sim.is_done());
    sim.kill(Pid::BOOT, Reason::Normal);
    sim.run();
    assert!(sim.is_done());
    assert!(!sim.is_on(&source));
}

/// A process, or a VM, that holds something; and how its life ends, as who spawned it hears it.
fn end_of(child: impl Fn() -> Spawn<()> + Send + 'static) -> (Sim, Vec<Text>) {
    let (life, holds) = promise::<()>();
    let mut sim = Sim::new(move |_| {
        transition_no_state!(
            child().holding(holds),
            when(life, |(), end| transition_no_state!(send_message!(end.unwrap_err().to_string()))),
        )
    });
    sim.run();
    sim.send(&Text::from("end"));
    sim.run();
    let told = sim.messages_of::<Text>().into_iter().filter(|text| **text != *"end").collect();
    (sim, told)
}

#[test]
fn r60_a_value_that_a_process_holds_does_not_keep_it_and_goes_with_it() {
    let children: [(&str, fn() -> Spawn<()>); 5] = [
        ("it is gone (normal)", || spawn!(transition_no_state!())),
        ("it is gone (normal)", || spawn!(transition_no_state!(once(subscriber!("end"))))),
        ("it is gone (enough)", || spawn!(transition_no_state!(on_end(|| quit().because("enough"))))),
        ("it is gone (normal)", || spawn_vm!(subscriber!("end"))),
        ("it is gone (enough)", || {
            spawn_vm!(at_meta_level!(on_end(|| at_meta_level!(quit().because("enough")))))
        }),
    ];
    for (told, child) in children {
        let (sim, heard) = end_of(child);
        assert_eq!(heard, [told], "{}", sim.trace());
        assert_eq!(sim.stats().unheard_errors, 0);
    }
}

#[test]
fn r60_a_value_for_a_process_whose_boot_fails_goes_at_once() {
    let (_, heard) = end_of(|| {
        spawn!({
            Err::<(), _>(Failure::value(&7u8))?;
            transition_no_state!()
        })
    });
    assert_eq!(heard, ["it is gone (7)"]);
}

fn on_end<A: IntoActionTree<()> + 'static>(then: fn() -> A) -> AddEndpoint<()> {
    AddEndpoint::new(Role::subscriber(topic!("end")), move |event, turn| {
        turn.act(event.body().map(|_| then()))
    })
}

#[test]
fn r60_a_value_for_a_process_that_there_can_not_be_goes_for_that_reason() {
    let clock = || spawn!(transition_no_state!(subscriber!("set"))).only("clock");
    let (life, holds) = promise::<()>();
    let ends =
        || |(), end: Result<(), Reason>| transition_no_state!(send_message!(end.unwrap_err().to_string()));
    let mut sim =
        Sim::new(move |_| transition_no_state!(clock(), clock().holding(holds), when(life, ends())));
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), [Text::from(format!("it is gone ({})", sim.exits()[0].reason))]);

    let (life, holds) = promise::<()>();
    let mut sim = Sim::new(move |_| {
        transition_no_state!(clock().holding(holds).then(|(), _| transition_no_state!()), when(life, ends()))
    });
    sim.set_limits(Limits { processes: 1, ..Limits::default() });
    sim.run();
    assert_eq!(sim.messages_of::<Text>(), ["it is gone (too many processes: 1 are there already)"]);
}
