//! The meta level and nested VMs.

use marketplace::Limits;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{Says, heard, says, tell, values};

#[test]
fn meta_actions_act_outside() {
    let process = transition_no_state!(
        subscriber!((_, _), on_message!((n, m): (u8, u8) => heard(&(n, m)))),
        spawn_vm!(vm_pid: vm, boot_pid: boot, state: 5u8, name: "inner";
            send_message!((1u8, 1u8)),
            at_meta_level!(send_message!((2u8, 2u8)), vec![Some(send_message!((3u8, 3u8)))]),
            at_meta_level!(subscriber!(Says { .. }, match_state!(n: u8 => on_message!(Says { what, .. } =>
                transition!(n + 1, at_meta_level!(heard(&(n, what)))))))),
            { let _ = (vm, boot); },
        ),
    );
    let expected = [
        (2u8, 2u8).to_value(),
        (3u8, 3u8).to_value(),
        (5u8, Text::from("a")).to_value(),
        (6u8, Text::from("b")).to_value(),
    ];
    assert_eq!(tell(process, &[says("x", "a"), says("x", "b")]), expected);
}

/// R71
#[test]
fn levels_nest() {
    let process = transition_no_state!(spawn_vm!(spawn_vm!(
        at_meta_level!(at_meta_level!(heard(&2u8), quit()), send_message!("one level out")),
        at_meta_level!(),
    )));
    assert_eq!(tell(process, &[]), values([2u8]));
}

/// R18
#[test]
fn a_vm_has_the_limits_that_its_form_says() {
    let few = |endpoints| Limits { endpoints, ..Limits::default() };
    let process = transition_no_state!(
        spawn_vm!(limits: few(1), boot_pid: _me; subscriber!("a"), subscriber!("b"), at_meta_level!(heard(&1u8))),
        spawn_vm!(limits: few(2); subscriber!("a"), subscriber!("b"), at_meta_level!(heard(&2u8))),
    );
    let mut sim = Sim::new(move |_| process);
    sim.run();
    let exits: Vec<_> = sim.exits().iter().map(|exit| exit.reason.to_string()).collect();
    assert_eq!(exits, ["too many endpoints: 1 are there already"]);
}
