//! The events that processes hear, and their order, on random programs.

use marketplace::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::config;
use crate::oracle::check;
use crate::program::{program, start, well_behaved};
use crate::support::{Log, pid};

proptest! {
    #![proptest_config(config(12_800))]

    /// R22, R23, R28, R30, R31, R33, R35 to R39, R50 to R53, at every level: the model explains all
    /// that is heard.
    #[test]
    fn every_endpoint_is_told_what_the_model_says(program in program()) {
        let mut sim = start(&program, &Log::default());
        sim.run();
        let model = check(sim.trace()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(model.endpoints(), sim.stats().endpoints, "{}", sim.trace());
        prop_assert_eq!(model.processes(), sim.stats().processes, "{}", sim.trace());
        prop_assert_eq!(sim.stats().queued, 0);
    }

    /// R12, R17, R70.
    #[test]
    fn steps_slices_and_runs_give_the_same_trace(program in program(), slices in vec(1..20usize, 1..50)) {
        let mut whole = start(&program, &Log::default());
        whole.run();
        let mut stepped = start(&program, &Log::default());
        while stepped.step() {}
        prop_assert_eq!(stepped.trace(), whole.trace());
        let mut sliced = start(&program, &Log::default());
        let mut next = slices.iter().cycle();
        while sliced.run_steps(*next.next().unwrap_or(&1)) {}
        prop_assert_eq!(sliced.trace(), whole.trace());
    }

    /// R52: whoever is killed, and when, leaves nothing behind.
    #[test]
    fn a_killed_process_leaves_nothing(program in program(), steps in 0..60usize, victim in 0..8u64) {
        let mut sim = start(&program, &Log::default());
        sim.run_steps(steps);
        let victim = if victim == 1 { 2 } else { victim };
        sim.kill(pid(victim), Reason::Normal);
        let before = sim.trace().records().len();
        sim.run();
        let model = check(sim.trace()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(model.endpoints(), sim.stats().endpoints, "{}", sim.trace());
        // From its exit on it does and hears nothing, nor does anything in it, if it was a VM.
        let of_victim = |record: &Record| match record.vm.first() {
            Some(vm) => *vm == pid(victim),
            None => record.pid == Some(pid(victim)),
        };
        let records = sim.trace().records();
        let exit = records.iter().position(|r| r.vm.is_empty() && of_victim(r) && matches!(r.what, What::Exit(_)));
        if let Some(exit) = exit {
            let after = records[exit + 1..].iter().find(|record| of_victim(record));
            prop_assert!(after.is_none(), "{:?}\n{}", after, sim.trace());
        }
        prop_assert!(records.len() >= before);
    }

    /// R33's law, of the whole program: when everybody else has gone, nobody is thought to be
    /// there.
    #[test]
    fn every_presence_meets_its_absence(program in well_behaved()) {
        let mut sim = start(&program, &Log::default());
        let (watch, own) = (Log::default(), Log::default());
        let everything = |side| Role::new(side, Topic::any(), InterestType::Everything);
        let (told, booted) = (watch.clone(), own.clone());
        sim.spawn(spawn(move |pid| {
            booted.note(pid.number().to_string());
            let side = |name, side| told.endpoint(name, everything(side));
            Transition::new((), (side("s", Orientation::Subscriber), side("p", Orientation::Publisher)))
        }));
        sim.run();
        let watcher: u64 = own.take()[0].parse().unwrap_or_default();
        for number in (0..200).filter(|number| *number != watcher) {
            sim.kill(pid(number), Reason::Normal);
        }
        sim.run();
        let mut there = std::collections::BTreeMap::new();
        for line in watch.take() {
            let (who, what) = line.split_once(": ").unwrap_or_default();
            if let Some(role) = what.strip_prefix("presence of ") {
                *there.entry(format!("{who} {role}")).or_insert(0i64) += 1;
            } else if let Some(role) = what.strip_prefix("absence of ") && !what.contains("(refused") {
                let role = role.rsplit_once(" (").map_or(role, |(role, _)| role);
                let count = there.entry(format!("{who} {role}")).or_insert(0);
                *count -= 1;
                prop_assert!(*count >= 0, "absence without presence: {}", line);
            }
        }
        // The program may have killed the watcher. If not, only its own two endpoints are left to
        // see each other.
        if sim.exits().iter().all(|exit| exit.pid.number() != watcher || !exit.vm.is_empty()) {
            there.retain(|role, count| *count != 0 && !role.contains("as observer of everything"));
            prop_assert!(there.is_empty(), "{:?}\n{}", there, sim.trace());
        }
    }
}
