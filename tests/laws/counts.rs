//! R29: counted presence against a model.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::config;
use crate::program::{program, start};
use crate::support::Log;

proptest! {
    #![proptest_config(config(12_800))]

    /// First is the presence that brings a conversation's count from zero to one, last the absence
    /// that brings it back.
    #[test]
    fn first_and_last_are_where_a_count_leaves_and_reaches_zero(program in program()) {
        let log = Log::default();
        let mut sim = start(&program, &log);
        sim.run();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for line in log.take() {
            let parts: Vec<_> = line.split('|').collect();
            let [who, comes, topic, edge] = parts[..] else { panic!("{line}") };
            let count = counts.entry(format!("{who} {topic}")).or_default();
            let expected = if comes == "true" {
                *count += 1;
                *count == 1
            } else {
                prop_assert!(*count > 0, "absence without presence: {}\n{}", line, sim.trace());
                *count -= 1;
                *count == 0
            };
            prop_assert_eq!(edge == "edge", expected, "{}\n{}", line, sim.trace());
        }
    }
}
