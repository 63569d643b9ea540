//! The parts of topics, written in the place of those that nobody has any more.
//!
//! A topic goes with its endpoint, and as a rule nobody else has it then. The parts of the next one
//! of that length are written in its place: a process with one endpoint takes 400 instructions
//! less.

use triomphe::{Arc, UniqueArc};

use crate::conversation::topic::Topic;
use crate::data::spare::Spare;

/// How many parts a topic has at most that are kept: the label and three fields.
const MOST_PARTS: usize = 4;

/// How many topics of one length are kept: as many endpoints as may well go in one wave.
const MOST: usize = 128;

thread_local! {
    /// By length. Nothing is in them that would have to be dropped.
    static SPARE: [Spare<UniqueArc<[Topic]>, MOST>; MOST_PARTS] =
        const { [const { Spare::new() }; MOST_PARTS] };
}

/// So many parts, to be written over: nothing in them has to be dropped.
#[inline]
pub(super) fn spare(len: usize) -> UniqueArc<[Topic]> {
    let place = len.wrapping_sub(1);
    let spare = SPARE.try_with(|spare| spare.get(place)?.take()).ok().flatten();
    spare.unwrap_or_else(|| (0..len).map(|_| Topic::any()).collect())
}

/// Drops these parts, if nothing in them has to be dropped; or else gives them back.
#[inline]
pub(super) fn retire(parts: Arc<[Topic]>) -> Result<(), Arc<[Topic]>> {
    if parts.iter().any(Topic::owns) {
        return Err(parts);
    }
    // A thread that is ending makes no topic any more.
    let _ = SPARE.try_with(move |spare| {
        if let Some(spare) = spare.get(parts.len().wrapping_sub(1))
            && let Ok(parts) = Arc::try_unique(parts)
        {
            spare.put(parts);
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::topic::TopicView;
    use crate::data::opaque::Opaque;
    use crate::data::value::Value;

    fn pair(first: impl Into<Value>) -> Topic {
        Topic::sequence([first.into().into(), Topic::any()])
    }

    /// Where the parts of a topic lie.
    fn place(topic: &Topic) -> *const Topic {
        let TopicView::Sequence(items) = topic.view() else { panic!("{topic} is no sequence") };
        items.as_ptr()
    }

    #[test]
    fn a_topic_is_written_in_the_place_of_one_that_nobody_has() {
        let first = pair(1);
        let old = place(&first);
        assert!(first.retire().is_ok());
        let second = pair("two");
        assert_eq!((place(&second), second.to_string()), (old, r#"["two", _]"#.to_string()));
    }

    #[test]
    fn nothing_is_written_where_somebody_looks() {
        let first = pair(1);
        let kept = first.clone();
        assert!(first.retire().is_ok());
        assert_ne!(place(&pair(2)), place(&kept));
        assert_eq!(kept, pair(1));
    }

    #[test]
    fn a_topic_with_something_to_drop_comes_back_whole() {
        let owners = [
            pair(Opaque::new(7)),
            pair("a text"),
            pair(Value::sequence([1.into()])),
            Topic::sequence([pair(1), Topic::any()]),
        ];
        for topic in owners {
            let text = topic.to_string();
            assert_eq!(topic.retire().map_err(|topic| topic.to_string()), Err(text));
        }
        assert_eq!(Topic::any().retire(), Ok(()));
        assert_eq!(Topic::from(Value::from(7)).retire(), Ok(()));
    }

    #[test]
    fn so_many_topics_are_kept_and_no_more() {
        let kept = || SPARE.with(|spare| spare.iter().map(Spare::len).sum::<usize>());
        let before = kept();
        (0..2 * MOST).map(|n| pair(n as u64)).collect::<Vec<_>>().into_iter().for_each(|topic| {
            assert!(topic.retire().is_ok());
        });
        assert_eq!(kept() - before, MOST);
        let long = Topic::sequence((0..=MOST_PARTS).map(|_| Topic::any()));
        assert!(long.retire().is_ok());
        assert_eq!(kept() - before, MOST, "it is too long");
    }
}
