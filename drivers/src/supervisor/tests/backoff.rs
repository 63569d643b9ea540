//! Restarts against a model that has a clock and a list of times.

use proptest::prelude::*;

use super::*;

/// The times at which a child starts that fails at these times (each so long after the last start),
/// by the words of the module's table.
fn model(at_once: usize, period: u64, first: u64, longest: u64, runs: &[u64]) -> Vec<u64> {
    let (mut now, mut starts, mut quick, mut waits) = (0, vec![0], Vec::new(), 0u32);
    for run in runs {
        now += run;
        if *run >= period {
            waits = 0;
        }
        let recent = quick.iter().filter(|at| now - **at < period).count();
        if waits == 0 && recent < at_once {
            quick.push(now);
        } else {
            now += (first << waits.min(20)).min(longest);
            waits += 1;
        }
        starts.push(now);
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn restarts_are_when_the_model_says(
        at_once in 0usize..4,
        period in 1u64..3000,
        first in 1u64..500,
        more in 0u64..3000,
        runs in proptest::collection::vec(prop_oneof![0u64..100, 0u64..4000], 0..14),
    ) {
        let ms = Duration::from_millis;
        let plan = Supervision::new("boss").at_once(at_once, ms(period)).waits(ms(first), ms(first + more));
        let mut stage = Stage::of(plan.child(child("a")));
        let mut starts = Vec::new();
        for run in &runs {
            let mut seen = stage.look_with_times();
            while !seen.last().is_some_and(|(_, what)| what.starts_with('+')) {
                let (due, ..) = stage.seen.lock().unwrap().timers.iter().min_by_key(|timer| timer.0).cloned().unwrap();
                let now = stage.seen.lock().unwrap().now;
                stage.wait(due - now);
                seen.extend(stage.look_with_times());
            }
            starts.push(seen.last().unwrap().0);
            stage.wait(*run);
            stage.fail("a");
        }
        prop_assert_eq!(&starts[..], &model(at_once, period, first, first + more, &runs)[..runs.len()]);
        prop_assert!(stage.timers() <= at_once + 2, "what is remembered is bounded");
    }
}

#[test]
fn by_default_one_at_once_then_1_2_4_to_30_seconds_and_afresh_after_5_of_running() {
    let mut stage = Stage::of(Supervision::new("boss").child(child("a")));
    stage.fail("a");
    assert_eq!(stage.look(), ["+a0", "-a0", "+a1"]);
    for wait in [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
        stage.fail("a");
        stage.look();
        stage.wait(wait - 1);
        assert_eq!(stage.look(), [""; 0], "early");
        stage.wait(1);
        assert_eq!(stage.look().len(), 1, "late");
    }
    stage.wait(5000);
    stage.fail("a");
    assert_eq!(stage.look().len(), 2, "at once");
}
