//! Processes of which a VM has one at most: `Spawn::only`.

use marketplace::prelude::*;
use marketplace::sim::Sim;

/// Says that it is there; ends when it is told to.
fn clock() -> Spawn<()> {
    spawn!(transition_no_state!(
        publisher!("time"),
        send_message!("tick"),
        subscriber!("stop", on_message!(_ => quit())),
    ))
    .only("clock")
}

fn ticks(sim: &Sim) -> usize {
    sim.messages_of::<Text>().iter().filter(|text| **text == "tick").count()
}

#[test]
fn r55_the_second_of_a_kind_fails_before_it_does_anything() {
    let seen = || {
        observe_publishers!("time", on_presence!(send_message!("comes")), on_absence!(send_message!("goes")),)
    };
    // Side by side, from another process, and later.
    let mut sim = Sim::new(move |_| {
        transition_no_state!(seen(), clock(), clock(), spawn!(transition_no_state!(clock())))
    });
    sim.run();
    sim.spawn(clock());
    sim.run();
    assert_eq!((ticks(&sim), sim.messages_of::<Text>().len()), (1, 2), "{}", sim.trace());
    let ended: Vec<_> = sim.exits().iter().map(|exit| exit.reason.to_string()).collect();
    let why = "this VM has its clock already: spawn it once (a nested VM may have its own)";
    assert_eq!(ended, [why; 3]);
    assert_eq!(sim.exits()[0].pid.number(), 3, "the second, not the first");
}

#[test]
fn r55_one_may_follow_another_and_each_vm_may_have_its_own() {
    let mut sim = Sim::new(|_| transition_no_state!(clock(), spawn_vm!(clock(), clock())));
    sim.run();
    assert_eq!((ticks(&sim), sim.exits().len()), (2, 1));
    assert_eq!(sim.exits()[0].vm.len(), 1, "the second of the nested VM");
    sim.send(&Text::from("stop"));
    sim.run();
    sim.spawn(clock());
    sim.run();
    assert_eq!((ticks(&sim), sim.exits().len()), (3, 2));
    assert!(sim.exits()[1].reason.is_normal());
}

#[test]
fn r82_a_vm_has_one_event_relay() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            marketplace::event_relay(),
            spawn_vm!(marketplace::event_relay(), marketplace::event_relay()),
        )
    });
    sim.run();
    let ended: Vec<_> = sim.exits().iter().map(|exit| (exit.vm.len(), exit.reason.to_string())).collect();
    let why = "this VM has its event relay already: spawn it once (a nested VM may have its own)";
    assert_eq!(ended, [(0, why.to_string()), (1, why.to_string())]);
}

#[test]
fn r55_whoever_spawns_it_is_told_and_what_watches_it_is_no_other() {
    let watched = || clock().with_endpoint(Role::publisher(topic!("watched")), |_| None);
    let told = |(), child: Result<Pid, Reason>| transition_no_state!(send_message!(child.is_ok()));
    let mut sim = Sim::new(move |_| transition_no_state!(watched().then(told), watched().then(told)));
    sim.run();
    assert_eq!(sim.messages_of::<bool>(), [true, false]);
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

#[test]
fn r50_the_boot_of_a_second_one_goes_with_its_process() {
    let clock = || {
        let bomb = Bomb;
        let boot = spawn!({
            std::mem::forget(bomb);
            transition_no_state!(subscriber!("set"))
        });
        boot.only("clock")
    };
    let mut sim = Sim::new(move |_| transition_no_state!(clock(), clock()));
    sim.run();
    let [second] = sim.exits() else { panic!("{:?}", sim.exits()) };
    assert!(second.reason.to_string().starts_with("panic: bomb"), "{}", second.reason);
}
