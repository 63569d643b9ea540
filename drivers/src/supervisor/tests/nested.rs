//! Supervisors and nested VMs, both ways.

use super::*;
use crate::timer;

/// A VM that fails as a whole when it is told to, from outside.
fn vm() -> Spawn<Supervisor> {
    spawn_vm!(
        spawn!(transition_no_state!(subscriber!("inner"))),
        at_meta_level!(subscriber!(
            Order::Fail(Text::from("vm")),
            on_message!(_ => at_meta_level!(quit().because("broken"))),
        )),
    )
}

#[test]
fn a_whole_vm_is_a_child() {
    let mut stage = Stage::of(Supervision::new("boss").child(Child::new("vm", vm)));
    stage.fail("vm");
    assert_eq!(stage.look(), ["+vm0", "-vm0", "+vm1"]);
    stage.fail("vm");
    stage.wait(999);
    assert_eq!(stage.look(), ["-vm1"]);
    stage.wait(1);
    assert_eq!(stage.look(), ["+vm2"]);
    assert_eq!(stage.exit_of("vm"), Reason::value(&"broken".to_string()));
}

#[test]
fn a_vm_ends_with_its_supervisor() {
    let plan = Supervision::new("boss").give_up(1, Duration::from_secs(1));
    let mut stage = Stage::of(plan.child(child("a")).child(Child::new("vm", vm)));
    stage.fail("a");
    assert_eq!(stage.look(), ["+a0", "+vm0", "-a0", "-vm0"]);
}

#[test]
fn a_supervisor_in_a_nested_vm_waits_by_a_relay() {
    let inside = Child::new("a", || {
        spawn!(transition_no_state!(at_meta_level!(subscriber!(
            Order::Fail(Text::from("a")),
            on_message!(_ => { Err::<(), _>(Failure::value(&"flaky".to_string()))?; }),
        ))))
    });
    let boss = Supervision::new("boss").child(inside);
    let shown = || {
        observe_publishers!(
            Supervised { .. },
            match_conversation!(Supervised { incarnation, .. } =>
                on_presence!(at_meta_level!(send_message!(incarnation)))),
        )
    };
    let mut stage = Stage::with(spawn_vm!(timer::relay(), shown(), boss.spawn()));
    let starts = |stage: &Stage| stage.sim.messages().iter().filter_map(u64::from_value).collect::<Vec<_>>();
    stage.fail("a");
    stage.fail("a");
    assert_eq!(starts(&stage), [0, 1]);
    stage.wait(999);
    assert_eq!(starts(&stage), [0, 1]);
    stage.wait(1);
    assert_eq!(starts(&stage), [0, 1, 2]);
}
