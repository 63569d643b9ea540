//! U22: a line for each action, indented by how deep its cause lies.

use marketplace::sim::Sim;
use marketplace::*;

use crate::support::*;

/// p0 answers `in` with `deeper`; in the VM p2, `app` hears that, says `mine`, and what hears that
/// says `out`; p0 hears it.
fn program() -> Sim {
    run((
        on_message(subscriber("in"), |_| send("deeper")),
        name_process(
            Symbol::new("vm"),
            spawn_vm(|_, _| {
                let app = process(at_meta_level(on_message(subscriber("deeper"), |_| send("mine"))));
                let app = name_process(Symbol::new("app"), app);
                Transition::new((), (app, on_message(subscriber("mine"), |_| at_meta_level(send("out")))))
            }),
        ),
        on_message(subscriber("out"), |_| quit()),
    ))
}

#[test]
fn u22_lines() {
    let mut sim = program();
    sim.set_verb(true);
    sim.send(&value("in"));
    sim.run();
    assert_eq!(
        sim.verb(),
        [
            "| host sends message in",
            "|| p0 sends message deeper",
            "||| p2/p1 'app sends message mine",
            "|||| p2/p0 at meta level: send message out",
            "||||| p2 'vm sends message out",
            "|||||| p0 quits",
        ]
    );
}

#[test]
fn u22_what_a_source_says_lies_as_deep_as_what_the_host_says() {
    let source = Sim::source([1u8, 2]);
    let listens = source.clone();
    let mut sim = run(Transition::new((), ()).actions);
    sim.set_verb(true);
    sim.spawn(spawn(move |_| {
        let role = Role::subscriber(Ground(listens, 1u8).to_value());
        let first = on_message(role, |_| (send("a"), send("b")));
        Transition::new((), at_meta_level(first))
    }));
    sim.run();
    let lines: Vec<_> = sim.verb().iter().filter(|line| line.contains("message")).cloned().collect();
    assert_eq!(lines, ["| p2 sends message a", "| p2 sends message b"], "{:#?}", sim.verb());
    drop(source);
}

#[test]
fn u22_failures_and_what_comes_with_a_spawn_lie_below_their_cause() {
    let mut sim = run((
        on_message(subscriber("go"), |_| {
            process::<()>(silent(subscriber("x")))
                .with_endpoint(publisher("alive"), |event| event.reason().cloned())
        }),
        on_message(subscriber("fail"), |_| give(&Duct::EMPTY, &1u8)),
    ));
    sim.set_verb(true);
    sim.send(&value("go"));
    sim.send(&value("fail"));
    sim.run();
    assert_eq!(
        sim.verb(),
        [
            "| host sends message go",
            "| host sends message fail",
            "|| p0 spawns a process",
            "||| p2 adds publisher alive",
            "|| p0 gives 1",
            "||| p2 adds subscriber x",
            "||| p0 quits (nobody waits for an answer: the duct is empty)",
        ]
    );
}

#[test]
fn u22_from_33_on_the_depth_is_a_number() {
    let mut sim = run(on_message(subscriber("_"), |body| match body.view() {
        View::Int(n) if n < 40 => Some(send_message(&(n as u64 + 1))),
        _ => None,
    }));
    sim.set_verb(true);
    sim.send(&0u64);
    sim.run();
    assert_eq!(sim.verb()[31], format!("{} p0 sends message 31", "|".repeat(32)));
    assert_eq!(sim.verb()[32], "|33| p0 sends message 32");
    assert_eq!(sim.verb()[40], "|41| p0 sends message 40");
}

#[test]
fn u22_off_it_says_nothing_and_on_again_it_starts_anew() {
    let mut sim = program();
    sim.send(&value("deeper"));
    sim.run();
    assert!(sim.verb().is_empty());
    sim.set_verb(true);
    sim.send(&value("x"));
    sim.set_verb(false);
    sim.run();
    assert!(sim.verb().is_empty());
    sim.set_verb(true);
    sim.send(&value("x"));
    sim.run();
    assert_eq!(sim.verb(), ["| host sends message x"]);
}

/// However much one step of the ground VM does.
#[test]
fn u22_no_line_is_lost() {
    let mut sim = run(spawn_vm(|_, _| {
        Transition::new(
            (),
            at_meta_level(on_message(subscriber("go"), |_| {
                (0..20_000).map(|_| send("x")).collect::<Vec<_>>()
            })),
        )
    }));
    sim.set_verb(true);
    sim.send(&value("go"));
    sim.run();
    assert_eq!(sim.verb().len(), 20_001);
}

/// In one turn of a VM, what goes out first is shallow, and what is done last lies deep.
#[test]
fn u22_what_goes_out_has_the_depth_of_its_own_cause() {
    let mut sim = run((
        on_message(subscriber("in"), |_| send("deep")),
        spawn_vm(|_, _| {
            let shallow = at_meta_level(on_message(subscriber("b"), |_| at_meta_level(send("out"))));
            let deep = at_meta_level(on_message(subscriber("deep"), |_| send("mine")));
            Transition::new((), (shallow, deep))
        }),
    ));
    sim.set_verb(true);
    sim.send(&value("in"));
    sim.send(&value("b"));
    sim.run();
    assert_eq!(
        sim.verb(),
        [
            "| host sends message in",
            "| host sends message b",
            "|| p0 sends message deep",
            "|| p2/p0 at meta level: send message out",
            "||| p2/p0 sends message mine",
            "||| p2 sends message out",
        ]
    );
}
