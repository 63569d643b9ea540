//! The examples of the documentation that this library is built after.

use marketplace::*;

use crate::support::*;

fn text(n: u8) -> PreAction<&'static str> {
    send(&format!("message({n})"))
}

#[test]
fn action_trees_of_any_form_send_in_the_same_order() {
    let condition = false;
    let forms: [fn() -> ActionTree<()>; 3] = [
        || [send("m(1)"), send("m(2)"), send("m(3)")].into_action_tree(),
        || (vec![send("m(1)")], (send("m(2)"), ((), send("m(3)")))).into_action_tree(),
        || {
            ((send("m(1)"), send("m(2)")), (None::<PreAction<()>>, None::<ActionTree<()>>, send("m(3)")))
                .into_action_tree()
        },
    ];
    for form in forms {
        assert_eq!(sent(&run(form())), ["m(1)", "m(2)", "m(3)"]);
    }
    let sim = run((send("first"), condition.then(|| send("optional")), send("final")));
    assert_eq!(sent(&sim), ["first", "final"]);
    for nothing in [
        Transition::new((), ()),
        Transition::new((), None::<ActionTree<()>>),
        Transition::new((), ActionTree::new()),
    ] {
        assert!(nothing.actions.is_empty());
    }
}

#[test]
fn a_sequence_of_actions_and_transitions() {
    let transition = Transition::new("x", text(0))
        .and(text(1))
        .and(text(2))
        .then(|old| {
            assert_eq!(old, "x");
            Transition::new("y, x", text(3))
        })
        .and(text(4));
    assert_eq!(transition.state, "y, x");
    let mut sim = sim::Sim::new(move |_| transition);
    sim.run();
    assert_eq!(sent(&sim), [0, 1, 2, 3, 4].map(|n| format!("message({n})")));
}

#[test]
fn an_endpoint_for_all_messages_handles_some() {
    let mut sim = run((
        process(on_message(subscriber("_"), |body| {
            let (ping, hello) = (*body == value("ping"), *body == value("hello"));
            (ping.then(|| send("pong")), hello.then(|| (send("goodbye"), quit())))
        })),
        silent(publisher("_")),
    ));
    for body in ["ping", "other", "hello", "ping"] {
        sim.send(&value(body));
        sim.run();
    }
    assert_eq!(sent(&sim), ["ping", "pong", "other", "hello", "goodbye", "ping"]);
}

/// Process A of the documentation.
fn ponger() -> Spawn<()> {
    let endpoint = AddEndpoint::new(subscriber("ping"), |event, turn| {
        if event.is_presence() {
            turn.act(send("pinger-arrived"))
        } else if event.is_absence() {
            turn.act(send("pinger-departed"))
        } else if event.body().is_some() {
            turn.act(send("pong"))
        } else {
            turn.skip()
        }
    });
    process(endpoint)
}

/// Process B.
fn pinger() -> Spawn<()> {
    spawn(|_| {
        let (ping_endpoint, pong_waiter) = (Fresh::new(), Fresh::new());
        let waiter = move || {
            let done = (delete_endpoint(ping_endpoint), delete_endpoint(pong_waiter));
            let done = std::sync::Mutex::new(Some(done));
            on_message(subscriber("pong"), move |_| done.lock().unwrap().take())
        };
        let pings = AddEndpoint::new(publisher("ping"), move |event, turn| match event.is_presence() {
            true => turn.act((name_endpoint(pong_waiter, waiter()), send("ping"))),
            false => turn.skip(),
        });
        Transition::new((), name_endpoint(ping_endpoint, pings))
    })
}

#[test]
fn ping_waits_for_somebody_to_hear_it() {
    for b_first in [false, true] {
        let mut sim = sim(());
        sim.run();
        for spawn in if b_first { [pinger(), ponger()] } else { [ponger(), pinger()] } {
            sim.spawn(spawn);
            sim.run();
        }
        let order = sent(&sim);
        assert_eq!(order.len(), 4, "{order:?}");
        let at = |body: &str| order.iter().position(|sent| sent == body).unwrap();
        assert!(
            at("ping") < at("pong")
                && at("pong") < at("pinger-departed")
                && at("pinger-arrived") < at("pong")
        );
        assert_eq!(order[3], "pinger-departed");
        assert_eq!(sim.stats().endpoints, 2, "the relay's and the ponger's");
    }
}

#[test]
fn a_temporary_endpoint_deletes_itself() {
    let log = Log::default();
    let name = Fresh::new();
    let mut sim = run(name_endpoint(
        name,
        log.doing("temporary", subscriber("_"), move |heard| {
            matches!(heard, Heard::Message(..)).then(|| (delete_endpoint(name), send("taken")))
        }),
    ));
    log.take();
    sim.send(&value("a"));
    sim.run();
    sim.send(&value("b"));
    sim.run();
    assert_eq!(log.take(), ["temporary: message a"]);
    assert_eq!(sent(&sim), ["a", "taken", "b"]);
}

#[test]
fn an_endpoint_at_the_meta_level_listens_to_the_container() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        Transition::new(
            (),
            at_meta_level(inner.endpoint("listener", subscriber("tcp(_, listener(5999), _)"))),
        )
    }));
    log.take();
    sim.send(&value("tcp(1, listener(5999), hello)"));
    sim.send(&value("tcp(1, listener(6000), hello)"));
    sim.run();
    assert_eq!(log.take(), ["listener: message tcp(1, listener(5999), hello)"]);
}

#[test]
fn a_spawn_at_the_meta_level_makes_a_sibling_of_the_vm() {
    let hello = || process::<()>(send("hello-world"));
    let outside = run(spawn_vm(move |_, _| Transition::new((), at_meta_level(hello()))));
    assert!(outside.trace().to_string().contains("\np3 sends message hello-world"));
    let inside = run(spawn_vm(move |_, _| Transition::new((), hello())));
    assert!(inside.trace().to_string().contains("\np2/p1 sends message hello-world"));
}
