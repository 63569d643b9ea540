//! Endpoints that a process gives to one that it makes: `Spawn::with_endpoint`.

use marketplace::prelude::*;
use marketplace::sim::Sim;

/// Says why the process that publishes this ended.
fn witness() -> AddEndpoint<()> {
    observe_publishers!("alive", match_reason!(why: Reason => on_absence!(send_message!(("gone", why)))),)
}

fn gone(sim: &Sim, why: Reason) -> bool {
    sim.messages().contains(&("gone".to_string(), why).to_value())
}

fn sim_of(child: Spawn<()>) -> Sim {
    let child = child.with_endpoint(Role::publisher(topic!("alive")), |_| None);
    let mut sim = Sim::new(move |_| transition_no_state!(witness(), child));
    sim.run();
    sim
}

#[test]
fn r51_its_absence_says_why_the_process_ended() {
    let why = Reason::value(&7u8);
    let reason = why.clone();
    assert!(gone(&sim_of(spawn!(transition_no_state!(quit().because(reason)))), why));
}

#[test]
fn r76_a_nested_vm_has_one_too() {
    let why = Reason::value(&7u8);
    let reason = why.clone();
    assert!(gone(&sim_of(spawn_vm!(at_meta_level!(quit().because(reason)))), why));
}

#[test]
fn r55_a_boot_that_fails_shows_none() {
    let child = spawn!({
        Err::<(), _>(Failure::value(&7u8))?;
        transition_no_state!()
    });
    let sim = sim_of(child);
    assert!(!gone(&sim, Reason::value(&7u8)));
    assert_eq!(sim.exits().len(), 1);
}

#[test]
fn r60_the_process_is_not_dropped_and_r33_a_refusal_does_not_fail_it() {
    let child = spawn!(transition!(0u8)).with_endpoint(Role::subscriber(topic!("other")), |_| None);
    let mut sim = sim_of(child);
    sim.spawn(spawn!(transition_no_state!(refuse(topic!("other"), "no"))));
    sim.run();
    assert_eq!((sim.exits().len(), sim.stats().processes), (0, 3), "{}", sim.trace());
}

#[test]
fn answers_are_for_the_process_and_not_for_it() {
    let child = spawn!(transition_no_state!(
        pass(Pid::BOOT, "asks", &1u8),
        replies!(
            on_reply!("asks", n: u8 => send_message!(("answer", n))),
            on_duct_absence!(send_message!("no answer")),
        ),
    ));
    let quits = |event: &marketplace::Event<'_>| {
        (event.reply().is_some() || event.is_duct_absence()).then_some(Reason::Normal)
    };
    let child = child.with_endpoint(Role::publisher(topic!("alive")), quits);
    let mut sim = Sim::new(move |_| {
        let answers = subscriber!(_, match_duct!(duct => on_message!(n: u8 => give(&duct, &n))));
        transition_no_state!(answers, child)
    });
    sim.run();
    assert_eq!(sim.messages_of::<(Text, u8)>(), [("answer".into(), 1)]);
    assert_eq!(sim.exits().len(), 0);
}

#[test]
fn r50_a_panic_in_it_ends_the_process() {
    let child = spawn!(transition!(0u8)).with_endpoint(Role::subscriber(topic!("stop")), |event| {
        assert!(event.body().is_none(), "stopped");
        None
    });
    let mut sim = sim_of(child);
    sim.send(&"stop".to_string());
    sim.run();
    assert!(gone(&sim, Reason::Panic("stopped".into())), "{}", sim.trace());
}

#[test]
fn r15_it_is_there_from_the_step_that_spawns_the_process() {
    // The parent quits before the child does anything, and a stranger hides that nobody is there.
    let parent = || {
        let held = Role::subscriber(topic!("held"));
        transition_no_state!(
            publisher!("held"),
            spawn!(transition!(0u8)).with_endpoint(held, |event| event.reason().cloned()),
            quit(),
        )
    };
    let mut sim = Sim::new(move |_| transition_no_state!(publisher!(_), spawn!(parent())));
    sim.run();
    assert_eq!(sim.exits().len(), 2, "{}", sim.trace());
}
