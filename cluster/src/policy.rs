//! The topics that are shared with other machines.

use std::fmt;

use marketplace::{Topic, Value, one_line};
use smallvec::SmallVec;

/// The shared parts of a topic, each with the number of the shared topic.
pub(crate) type Parts = SmallVec<[(u64, Topic); 1]>;

/// Topics that are shared. No two of them meet, so that each conversation lies in one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy(Vec<Topic>);

impl Policy {
    /// Shares this topic, too.
    ///
    /// # Errors
    /// With the shared topic that it meets.
    pub(crate) fn share(&mut self, topic: Topic) -> Result<(), Topic> {
        match self.0.iter().find(|shared| shared.meets(&topic)) {
            Some(shared) => Err(shared.clone()),
            None => {
                self.0.push(topic);
                Ok(())
            }
        }
    }

    pub(crate) fn topics(&self) -> &[Topic] {
        &self.0
    }

    /// The parts of a topic that are shared, each with the number of the topic in which it lies.
    pub(crate) fn cut(&self, topic: &Topic) -> Parts {
        let parts = self.0.iter().zip(0..);
        parts.filter_map(|(shared, at)| Some((at, shared.intersect(topic)?))).collect()
    }

    /// Whether this message is shared.
    pub(crate) fn shares(&self, body: &Value) -> bool {
        self.0.iter().any(|topic| topic.matches(body))
    }
}

/// The topics, in one line.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.0.split_first() else { return f.write_str("nothing") };
        write!(f, "{}", one_line(first))?;
        others.iter().try_for_each(|topic| write!(f, ", {}", one_line(topic)))
    }
}
