//! R1, R2: processes and names.

use marketplace::*;

use crate::support::*;

#[test]
fn r1_boot_is_pid_0() {
    let log = Log::default();
    let boot = log.clone();
    let mut sim = sim::Sim::new(move |pid| {
        boot.note(format!("boot {pid}"));
        let inner = boot.clone();
        let nested = spawn_vm(move |vm_pid, boot_pid| {
            inner.note(format!("vm {vm_pid}, boot {boot_pid}"));
            Transition::new((), ())
        });
        Transition::new((), nested)
    });
    sim.run();
    assert_eq!(log.take(), ["boot p0", "vm p2, boot p0"]);
    assert_eq!(Pid::BOOT.number(), 0);
}

#[test]
fn r1_pids_are_consecutive_and_never_reused() {
    let log = Log::default();
    let child = |end: &'static str| {
        let log = log.clone();
        spawn(move |pid| {
            log.note(format!("{end} {pid}"));
            match end {
                "fails" => Err(Failure::value(&1u8)),
                "quits" => Ok(Transition::new((), quit())),
                _ => Ok(Transition::new((), silent(publisher("x")))),
            }
        })
    };
    let mut sim = sim([child("stays"), child("quits"), child("fails"), child("stays")]);
    sim.run();
    sim.spawn(child("stays"));
    sim.run();
    assert_eq!(log.take(), ["stays p2", "quits p3", "fails p4", "stays p5", "stays p6"]);
}

#[test]
fn r1_a_pid_means_something_at_its_own_level_only() {
    let log = Log::default();
    let peer = |name: &str| process(log.endpoint(name, subscriber("x")));
    let mut sim = run((
        peer("two"),
        peer("three"),
        // In here p2 and p3 are nobody: the killer is the VM's only process.
        spawn_vm(|_, _| Transition::new((), [2, 3].map(|n| quit().pid(pid(n))))),
    ));
    log.take();
    sim.send(&value("x"));
    sim.run();
    assert_eq!(log.take(), ["two: message x", "three: message x"]);
}

#[test]
fn r2_local_and_meta_names_are_apart() {
    let log = Log::default();
    let inner = log.clone();
    let mut sim = run(spawn_vm(move |_, _| {
        let actions = (
            name_endpoint(7u8, inner.endpoint("local", subscriber("delete"))),
            at_meta_level(name_endpoint(7u8, inner.endpoint("meta", subscriber("x")))),
            at_meta_level(name_endpoint(8u8, inner.endpoint("meta", subscriber("x")))),
            name_endpoint(8u8, inner.endpoint("local", subscriber("delete"))),
            delete_endpoint(7u8),
            at_meta_level(delete_endpoint(8u8)),
            send("delete"),
        );
        Transition::new((), actions)
    }));
    log.take();
    sim.send(&value("x"));
    sim.run();
    assert_eq!(log.take(), ["meta: message x"]);
    let heard = trace_of(&sim, "p2/p0");
    assert_eq!(heard.iter().filter(|line| *line == "hears message delete").count(), 1);
}

#[test]
fn r2_any_value_is_a_name() {
    for name in ["()", "false", "0", "0.0", "'name", "\"name\"", "name", "name(1)", "[]", "[name, 1]"] {
        let log = Log::default();
        let name = value(name);
        let mut sim = run((
            name_endpoint(&name, log.endpoint("named", subscriber("x"))),
            name_endpoint(value("other"), log.endpoint("other", subscriber("x"))),
        ));
        sim.send(&value("x"));
        sim.run();
        assert_eq!(log.take()[2..], ["named: message x", "other: message x"], "{name}");
        // Replaced, so not there twice; deleted by the same name.
        let again = log.clone();
        let mut sim = run((
            name_endpoint(&name, log.endpoint("old", subscriber("x"))),
            name_endpoint(&name, again.endpoint("new", subscriber("x"))),
            send("x"),
            delete_endpoint(&name),
            send("x"),
        ));
        sim.run();
        assert_eq!(log.take(), ["old: vacancy: no publisher x", "new: message x"], "{name}");
    }
}

/// A text is the symbol of that text also if it has a secret, which nobody sees.
#[test]
fn r2_a_name_with_a_secret_is_not_shown() {
    let secret = || Text::with_secret("door 4711", "door ..");
    let log = Log::default();
    let mut sim = run((
        name_endpoint(secret(), log.endpoint("door", subscriber("x"))),
        name_endpoint("open 4711", silent(subscriber("x"))),
        name_process(secret(), staying(delete_endpoint(secret()))),
    ));
    let shown = format!("{}{:?}{}", sim.dump(), sim.dump(), sim.trace());
    assert!(shown.contains("door ..") && shown.contains("open 4711"), "{shown}");
    assert!(!shown.contains("door 4711"), "{shown}");
    // There is one name, however it is written.
    run((
        name_endpoint(secret(), log.endpoint("one", subscriber("y"))),
        delete_endpoint("door 4711"),
        name_endpoint("door 4711", log.endpoint("two", subscriber("y"))),
        delete_endpoint(secret()),
        send("y"),
    ));
    assert!(!log.take().iter().any(|line| line.ends_with("message y")));
}

#[test]
fn r2_unnamed_endpoints_get_fresh_names() {
    let log = Log::default();
    run((
        log.endpoint("one", subscriber("x")),
        log.endpoint("two", subscriber("x")),
        at_meta_level(()),
        send("x"),
    ));
    assert_eq!(log.take()[2..], ["one: message x", "two: message x"]);
    assert_ne!(Fresh::new(), Fresh::new());
}
