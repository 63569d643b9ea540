//! Processes with ducts in maps: whose states share them with snapshots, as a clone does not copy
//! such a map; and whose maps have another order in each run.

use std::collections::HashMap;

use marketplace::im::OrdMap;
use marketplace::prelude::*;
use marketplace::sim::Sim;

#[derive(Clone, Debug, Default)]
struct Held(OrdMap<u64, Duct>);

/// As a list of numbers and ducts.
impl Message for Held {
    type Gives = Self;
    fn to_value(&self) -> Value {
        self.0.iter().map(|(n, duct)| (*n, duct.clone())).collect::<Vec<_>>().to_value()
    }
    fn from_value(value: &Value) -> Option<Self> {
        Some(Self(Vec::<(u64, Duct)>::from_value(value)?.into_iter().collect()))
    }
}

/// Keeps each duct under its number.
fn holder(looks: fn() -> Action<Held>) -> Transition<Held> {
    transition!(
        Held::default(),
        looks(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: Held => on_message!(n: u64 => {
                held.0.insert(n, duct);
                transition!(held)
            }))),
            match_state!(_held: &Held => on_message!("look" => (), "end" => quit())),
        ),
    )
}

/// Keeps them in a map whose order is left to chance.
fn hasher() -> Transition<HashMap<u64, Duct>> {
    transition!(
        HashMap::new(),
        subscriber!(
            _,
            match_duct!(duct => match_state!(mut held: HashMap<u64, Duct> => on_message!(n: u64 => {
                held.insert(n, duct);
                transition!(held)
            }))),
            match_state!(_held: &HashMap<u64, Duct> => on_message!("end" => quit())),
        ),
    )
}

/// The asker has been told of these when the holder has ended, and of those when the log has
/// forgotten that. With them goes the trace.
fn told<S: Send + 'static>(log: bool, holder: fn() -> Transition<S>) -> (Vec<u64>, Vec<u64>, String) {
    let mut sim = Sim::new(move |_| {
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
    (before, after, sim.trace().to_string())
}

/// With the log on they are told when the log has forgotten the snapshots.
#[test]
fn o23_whoever_waits_is_told_though_a_snapshot_shares_the_duct() {
    let holds = || holder(peekable);
    let all: Vec<_> = (0..12).collect();
    let (at_once, late, _) = told(false, holds);
    assert_eq!((at_once, late), (all.clone(), vec![]));
    let (at_once, late, _) = told(true, holds);
    assert_eq!((at_once, late), (vec![], all));
}

/// A copy as data keeps nothing; and looking on changes nothing, not even a number.
#[test]
fn o23_whoever_waits_is_told_at_once_if_the_snapshot_is_data() {
    let holds = || holder(peekable_data);
    let all: Vec<_> = (0..12).collect();
    let (at_once, late, with_log) = told(true, holds);
    assert_eq!((at_once, late), (all.clone(), vec![]));
    let (at_once, late, without) = told(false, holds);
    assert_eq!((at_once, late), (all, vec![]));
    assert_eq!(with_log, without);
}

#[test]
fn o23_whoever_waits_is_told_in_the_order_of_asking_whatever_kept_the_ducts() {
    let all: Vec<_> = (0..12).collect();
    let first = told(false, hasher);
    assert_eq!(first.0, all);
    for _ in 0..5 {
        assert_eq!(told(true, hasher), first, "log and hash seeds change nothing");
    }
}
