//! The notation: any text is read without a panic, and what is read or made prints and reads back.

use marketplace::{Topic, Value};

use crate::made::Dough;

/// Reads the bytes as text; makes a value and a topic of them, prints those, and spoils what
/// prints.
pub(crate) fn check(data: &[u8]) {
    check_text(&String::from_utf8_lossy(data));
    let mut dough = Dough::new(data);
    let (value, topic) = (dough.value(), dough.topic());
    check_value(&value);
    check_topic(&topic);
    spoil(&value.to_string(), &mut dough);
    spoil(&topic.to_string(), &mut dough);
}

/// Reads it both ways: what is a value is a topic, and an error is in the text.
fn check_text(text: &str) {
    let (value, topic) = (text.parse::<Value>(), text.parse::<Topic>());
    match value {
        Ok(value) => {
            check_value(&value);
            assert_eq!(topic, Ok(value.into()), "{text:?}");
        }
        Err(error) => {
            assert!(text.is_char_boundary(error.offset), "{text:?}");
            assert!(!error.to_string().is_empty());
            match topic {
                Ok(topic) => {
                    assert_eq!(topic.as_value(), None, "{text:?} is a value");
                    check_topic(&topic);
                }
                Err(error) => assert!(text.is_char_boundary(error.offset), "{text:?}"),
            }
        }
    }
}

fn check_value(value: &Value) {
    for text in [value.to_string(), format!("{value:?}"), format!("{value:#?}")] {
        assert_eq!(text.parse().as_ref(), Ok(value), "{text}");
    }
}

fn check_topic(topic: &Topic) {
    for text in [topic.to_string(), format!("{topic:?}"), format!("{topic:#?}")] {
        assert_eq!(text.parse().as_ref(), Ok(topic), "{text}");
    }
    // A value is a topic, and no topic with a wildcard is a value.
    assert_eq!(topic.to_string().parse::<Value>().ok().as_ref(), topic.as_value(), "{topic}");
}

/// Reads it cut, and with a character too many.
fn spoil(text: &str, dough: &mut Dough<'_>) {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    let place = places[usize::from(dough.below(u8::MAX)) % places.len()];
    let (before, after) = text.split_at(place);
    check_text(before);
    check_text(after);
    check_text(&format!("{before}{}{after}", char::from(dough.below(128))));
}
