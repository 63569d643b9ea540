//! Printed texts read back, however they are laid out.

use proptest::prelude::*;

use super::values::{texts, topics, values};
use crate::{MAX_DEPTH, Symbol, Text, Topic, Value};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 256 } else { 1024 }))]

    #[test]
    fn a_value_that_prints_reads_back(value in values()) {
        prop_assert_eq!(value.to_string().parse(), Ok(value.clone()));
        prop_assert_eq!(format!("{value:?}").parse(), Ok(value.clone()));
        prop_assert_eq!(format!("{value:#?}").parse(), Ok(value));
    }

    #[test]
    fn a_topic_that_prints_reads_back(topic in topics()) {
        prop_assert_eq!(topic.to_string().parse(), Ok(topic.clone()));
        prop_assert_eq!(format!("{topic:#?}").parse(), Ok(topic));
    }

    /// A value is a topic, and no topic with a wildcard is a value.
    #[test]
    fn values_are_the_topics_without_wildcards(topic in topics()) {
        prop_assert_eq!(topic.to_string().parse::<Value>().ok(), topic.as_value().cloned());
    }

    /// Two values that print the same are the same: nothing else tells values apart in a trace.
    #[test]
    fn different_values_print_differently(a in values(), b in values()) {
        prop_assert_eq!(a.to_string() == b.to_string(), a == b);
    }

    #[test]
    fn space_around_tokens_means_nothing(value in values(), space in "[ \t\r\n\u{3000}]{1,3}") {
        let text = format!("{space}[{space}{value}{space},{space}]{space}");
        prop_assert_eq!(text.parse(), Ok(Value::sequence([value])));
    }

    #[test]
    fn names_read_back_as_what_they_name(name in texts()) {
        let symbol = Symbol::new(&name);
        prop_assert_eq!(format!("{symbol:?}").parse(), Ok(Value::from(symbol)));
        prop_assert_eq!(format!("{name:?}").parse(), Ok(Value::from(Text::from(name.as_str()))));
        let atom = Value::record(name.as_str(), []);
        prop_assert_eq!(atom.to_string().parse(), Ok(atom.clone()));
        prop_assert_eq!(format!("{atom}()").parse(), Ok(atom));
    }

    /// A text that can be read prints as a text that reads as the same value.
    #[test]
    fn what_reads_prints_and_reads_back(text in "[-|'\"b{}()\\[\\],:._#a1eN\\\\ ]{0,12}") {
        if let Ok(topic) = text.parse::<Topic>() {
            prop_assert_eq!(topic.to_string().parse(), Ok(topic));
        }
    }
}

/// The deepest there is, made of each thing that nests.
#[test]
fn the_deepest_values_and_topics_read_back() {
    let deepest = |wrap: &dyn Fn(Value) -> Value| {
        (0..MAX_DEPTH).fold(Value::record("Bottom", []), |inner, _| wrap(inner))
    };
    let key = || Value::from(1);
    for value in [
        deepest(&|inner| Value::sequence([inner])),
        deepest(&|inner| Value::record("R", [inner])),
        deepest(&|inner| Value::set([inner].into_iter().collect()).unwrap()),
        deepest(&|inner| Value::map([(key(), inner)].into_iter().collect()).unwrap()),
        deepest(&|inner| Value::map([(inner, key())].into_iter().collect()).unwrap()),
    ] {
        assert_eq!(value.depth(), MAX_DEPTH);
        assert_eq!(value.to_string().parse(), Ok(value));
    }
    let topic = (0..MAX_DEPTH).fold(Topic::any(), |inner, _| Topic::sequence([inner]));
    assert_eq!(topic.to_string().parse(), Ok(topic));
}
