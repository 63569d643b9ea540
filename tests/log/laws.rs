//! The log and verb only look on, and say what the trace says: on random programs.

use std::collections::{HashMap, HashSet};

use marketplace::sim::Sim;
use marketplace::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::program::{Program, program, start};
use crate::support::Log;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn watched(program: &Program, run: impl FnOnce(&mut Sim)) -> Sim {
    let mut sim = start(program, &Log::default());
    sim.log_mut().turn_on();
    sim.log_mut().resize(1_000_000);
    sim.set_verb(true);
    run(&mut sim);
    sim
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn watching_changes_nothing(program in program(), slices in vec(1..20usize, 1..50)) {
        let mut alone = start(&program, &Log::default());
        alone.run();
        let whole = watched(&program, Sim::run);
        let stepped = watched(&program, |sim| while sim.step() {});
        let sliced = watched(&program, |sim| {
            let mut next = slices.iter().cycle();
            while sim.run_steps(*next.next().unwrap_or(&1)) {}
        });
        for watched in [&whole, &stepped, &sliced] {
            prop_assert_eq!(alone.trace(), watched.trace());
            prop_assert!(whole.log().turns().eq(watched.log().turns()));
            prop_assert_eq!(whole.verb(), watched.verb());
        }
        // Toggled on the way, too.
        let toggled = watched(&program, |sim| {
            let mut on = true;
            while sim.run_steps(3) {
                on = !on;
                if on { sim.log_mut().turn_on() } else { sim.log_mut().turn_off() }
                sim.set_verb(!on);
            }
        });
        prop_assert_eq!(alone.trace(), toggled.trace());
    }

    /// U2: from every turn it goes back to the host, turn by turn; G23: in logical time. And the
    /// turns are those of the trace.
    #[test]
    fn u02_every_turn_has_a_cause_down_to_the_host(program in program()) {
        let mut sim = start(&program, &Log::default());
        let turn = |record: &Record| match &record.what {
            What::Turn { id, cause, heard, outcome } => Some((*id, *cause, heard.clone(), outcome.clone())),
            _ => None,
        };
        // The program booted before its log could be turned on.
        let before: HashSet<u64> = sim.trace().records().iter().filter_map(turn).map(|turn| turn.0).collect();
        let seen = sim.trace().records().len();
        sim.log_mut().turn_on();
        sim.log_mut().resize(1_000_000);
        sim.run();
        let (log, records) = (sim.log(), sim.trace().records());
        let mut turns: Vec<_> = records[seen..].iter().filter_map(turn).collect();
        turns.sort_unstable_by_key(|turn| turn.0);
        prop_assert_eq!(turns.len(), log.len());
        let action = |record: &Record| match record.what {
            What::Performed { id, cause, .. } => Some((id, cause)),
            _ => None,
        };
        let actions: HashMap<u64, u64> = records.iter().filter_map(action).collect();
        let all: HashSet<u64> = records.iter().filter_map(turn).map(|turn| turn.0).collect();
        let mut stamp = 0;
        for (logged, (id, cause, heard, outcome)) in log.turns().zip(turns) {
            prop_assert_eq!((logged.id, logged.action, &logged.heard), (id, cause, &heard));
            prop_assert!(logged.stamp > stamp, "{}", logged);
            stamp = logged.stamp;
            if let TurnOutcome::Failed(reason) = outcome {
                prop_assert_eq!(logged.failed.as_ref(), Some(&reason));
            }
            let known = logged.cause == 0 || before.contains(&logged.cause);
            match log.get(logged.cause) {
                Some(cause) => prop_assert!(cause.id < id && cause.stamp < logged.stamp, "{}", logged),
                None => prop_assert!(known, "nobody knows what led to {}\n{}", logged, sim.trace()),
            }
            // The trace knows most of it, action by action; who fails between turns is told why in
            // the last of them.
            let mut behind = cause;
            while let (false, Some(cause)) = (all.contains(&behind), actions.get(&behind)) {
                behind = log.action(behind).map_or(*cause, |(turn, _)| turn.id);
            }
            if behind == 0 || all.contains(&behind) {
                prop_assert_eq!(logged.cause, behind, "{}\n{}", logged, sim.trace());
            }
        }
        // A process that failed, however, is among the errors.
        let failed: HashSet<_> = log.errors().map(|turn| (turn.vm.clone(), turn.pid)).collect();
        for record in records {
            if let (What::Performed { action: Performed::Quit(None, Some(reason)), cause, .. }, Some(pid)) = (&record.what, record.pid)
                && matches!(reason, Reason::Error(_))
                && !before.contains(cause)
            {
                prop_assert!(failed.contains(&(record.vm.clone(), pid)), "{}: {}\n{}", pid, reason, sim.trace());
            }
        }
    }
}
