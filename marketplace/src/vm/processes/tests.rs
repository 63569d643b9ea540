//! Processes are found by their PIDs.

use std::collections::BTreeMap;

use crate::conversation::called::Called;
use crate::conversation::duct::Site;
use crate::data::numbers::TowerId;
use crate::data::reason::Reason;
use crate::process::limits::Limits;
use crate::process::transition::Transition;
use crate::process::{Booted, Context};
use crate::vm::processes::Processes;

/// Processes come and go, in no order. Each is found at its place as long as it is there.
#[test]
fn processes_that_are_there_are_found_and_no_others() {
    let mut context = Context::new(None);
    let mut processes = Processes::new(Site::ground(TowerId::NONE), Limits::default());
    let mut there = BTreeMap::new();
    let mut dice = 1u64;
    for round in 0..2_000 {
        let pid = processes.new_pid();
        assert_eq!(processes.find(pid), None);
        let booted = Booted::new(pid, Called::NOTHING, &mut context, |_| Ok(Transition::new((), ())));
        let slot = processes.insert(pid, None, booted.unwrap().body);
        there.insert(pid, slot);
        // There are many processes first, then few.
        let goes = if round < 500 { 0 } else { 1 + round / 1_500 };
        for _ in 0..goes.min(there.len() - 1) {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let victim = *there.keys().nth((dice >> 33) as usize % there.len()).unwrap();
            let slot = there.remove(&victim).unwrap();
            processes.remove(slot, &Reason::Normal);
            assert_eq!(processes.find(victim), None);
        }
        assert_eq!(processes.len(), there.len());
        if round % 50 == 0 {
            assert!(there.iter().all(|(pid, slot)| processes.find(*pid) == Some(*slot)));
        }
    }
    assert!(there.len() < 20 && there.keys().all(|pid| processes.find(*pid) == there.get(pid).copied()));
}
