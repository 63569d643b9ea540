//! R39, R60: endpoints that a process has further out come and go late.

use marketplace::*;

use crate::support::*;

#[test]
fn r39_an_endpoint_on_its_way_out_is_not_forgotten_with_the_one_before() {
    for again in [false, true] {
        let log = Log::default();
        let inner = log.clone();
        let mut sim = run(spawn_vm(move |_, _| {
            let add = move |log: &Log| {
                at_meta_level(name_endpoint(1u8, once(log.endpoint("once", subscriber("x")))))
            };
            let first = add(&inner);
            let go = on_message(subscriber("go"), move |_| {
                (again.then(|| at_meta_level(delete_endpoint(1u8))), add(&inner))
            });
            let stop = on_message(subscriber("stop"), |_| at_meta_level(delete_endpoint(1u8)));
            Transition::new((), (first, at_meta_level(go), at_meta_level(stop)))
        }));
        // The VM hands out the second endpoint; before the container adds it, a message takes the
        // first one.
        sim.send(&value("go"));
        sim.step();
        sim.send(&value("x"));
        sim.run();
        sim.send(&value("stop"));
        sim.run();
        log.take();
        sim.send(&value("x"));
        sim.run();
        assert!(log.take().is_empty(), "it was deleted");
    }
}

#[test]
fn r60_a_deletion_two_levels_out_that_comes_too_late() {
    let far = |action: PreAction<()>| action.at_meta_level().at_meta_level();
    let mut sim = run(spawn_vm(move |_, _| {
        let inner = spawn_vm(move |_, _| {
            let stays = process(far(silent(subscriber("stays")).into()));
            let takes = name_endpoint(1u8, once(silent(subscriber("x"))));
            let go = once(on_message(subscriber("go"), move |_| far(delete_endpoint(1u8))));
            Transition::new((), (stays, far(takes.into()), far(go.into())))
        });
        Transition::new((), inner)
    }));
    sim.send(&value("go"));
    sim.step();
    sim.send(&value("x"));
    sim.run();
    assert_eq!(trace_of(&sim, "p2/p1/p0").last().map(String::as_str), Some("is dropped"));
}
