//! R75 and R76: how a VM ends, and what goes with it.

use marketplace::*;

use crate::nesting::{later, two_deep, two_out};
use crate::support::*;

#[test]
fn r75_a_meta_quit_stops_the_vm_at_that_step() {
    let log = Log::default();
    let inner = log.clone();
    let sim = run((
        log.endpoint("ground", subscriber("_")),
        spawn_vm(move |_, _| {
            let sign = at_meta_level(inner.endpoint("meta", publisher("sign")));
            let other = process((
                at_meta_level(inner.endpoint("other", subscriber("x"))),
                later(2, (at_meta_level(send("never")), send("never"))),
            ));
            let stop = (
                at_meta_level(send("before(1)")),
                send("inside"),
                at_meta_level(send("before(2)")),
                at_meta_level(quit().because(because("why"))),
                at_meta_level(send("never")),
                send("never"),
            );
            Transition::new((), (sign, other, later(1, stop)))
        }),
    ));
    // The endpoint of `other` is installed out there, but nobody inside hears that it has no peer.
    assert_eq!(
        log.take(),
        [
            "ground: vacancy: no publisher _",
            "ground: presence of publisher sign",
            "meta: presence of subscriber sign",
            "ground: message before(1)",
            "ground: message before(2)",
            "ground: absence of publisher sign (why)",
        ]
    );
    assert_eq!(sent(&sim), ["inside", "before(1)", "before(2)"]);
    assert_eq!(exits(&sim), ["p2: why"]);
    assert_eq!(sim.stats().processes, 2);
}

#[test]
fn r75_what_was_sent_outward_first_cannot_enter_a_stopped_vm() {
    // Its own meta endpoint would hear the message, but no inner turn runs.
    let log = Log::default();
    let inner = log.clone();
    run(spawn_vm(move |_, _| {
        let meta = at_meta_level(inner.endpoint("meta", subscriber("x")));
        Transition::new((), (meta, later(2, (at_meta_level(send("x")), at_meta_level(quit())))))
    }));
    assert_eq!(log.take(), ["meta: vacancy: no publisher x"]);
}

#[test]
fn r76_a_vm_that_dies_deletes_every_meta_endpoint_and_no_inner_handler_runs() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run((
        process(log.endpoint("ground", publisher("x(_)"))),
        spawn_vm(move |_, _| {
            let meta = |text: &str| at_meta_level(inner.endpoint("meta", subscriber(text)));
            let watch = inner.endpoint("watch", subscriber("sign"));
            let locals = process((silent(publisher("sign")), meta("x(2)")));
            Transition::new((), (meta("x(1)"), watch, locals, meta("x(3)")))
        }),
    ));
    log.take();
    sim.kill(pid(3), because("why"));
    sim.run();
    let absence = |n: u8| format!("ground: absence of subscriber x({n}) (why)");
    let mut heard = log.take();
    heard.sort();
    assert_eq!(heard, [absence(1), absence(2), absence(3)]);
    assert_eq!(exits(&sim), ["p3: why"]);
    assert_eq!(sim.stats().endpoints, 2, "the relay's and the ground's");
}

#[test]
fn r76_a_vm_dies_with_its_parent() {
    let log = Log::default();
    let mut sim = run((
        log.endpoint("ground", publisher("x")),
        two_deep(two_out(log.endpoint("far", subscriber("x")))),
    ));
    log.take();
    sim.kill(pid(2), because("why"));
    sim.run();
    assert_eq!(log.take(), ["ground: absence of subscriber x (why)"]);
    assert_eq!(sim.stats().processes, 2);
}
