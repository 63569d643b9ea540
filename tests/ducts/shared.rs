//! A process whose state shares ducts with its snapshots, in a map that a clone does not copy.

use marketplace::im::OrdMap;
use marketplace::prelude::*;
use marketplace::sim::Sim;

/// Keeps each duct under its number.
fn holder() -> Transition<OrdMap<u64, Duct>> {
    transition!(
        OrdMap::new(),
        peekable(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: OrdMap<u64, Duct> => on_message!(n: u64 => {
                held.insert(n, duct);
                transition!(held)
            }))),
            match_state!(_held: &OrdMap<u64, Duct> => on_message!("look" => (), "end" => quit())),
        ),
    )
}

/// The asker has been told of these when the holder has ended, and of those when the log has
/// forgotten that.
fn told(log: bool) -> (Vec<u64>, Vec<u64>) {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            spawn_continue!(child: holder(), parent: |(): (), pid: Result<Pid, Reason>| {
                let pid = pid.unwrap();
                transition_no_state!((0..12u64).map(|n| pass(pid, n.to_value(), &n)).collect::<ActionTree<_>>())
            }),
            replies!(match_wire!(n: u64 => on_duct_absence!(send_message!(("gone", n))))),
        )
    });
    if log {
        sim.log_mut().turn_on();
    }
    sim.run();
    sim.send(&Text::from("look"));
    sim.send(&Text::from("end"));
    sim.run();
    let numbers =
        |sim: &Sim| sim.messages_of::<(Text, u64)>().into_iter().map(|(_, n)| n).collect::<Vec<_>>();
    let before = numbers(&sim);
    sim.log_mut().clear();
    sim.run();
    let after = numbers(&sim).split_off(before.len());
    (before, after)
}

/// With the log on they are told when the log has forgotten the snapshots.
#[test]
fn o23_whoever_waits_is_told_though_a_snapshot_shares_the_duct() {
    let all: Vec<_> = (0..12).collect();
    assert_eq!(told(false), (all.clone(), vec![]));
    assert_eq!(told(true), (vec![], all));
}
