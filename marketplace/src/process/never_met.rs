//! Endpoints that wait for a presence in vain.

use std::fmt;

use crate::conversation::role::Orientation;
use crate::data::one_line::one_line;

/// An endpoint has a clause for the presence of peers, and no peer has ever been there. A debug
/// build looks for such.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NeverMet {
    /// The process that has the endpoint, [by names](crate::Exit::path).
    pub who: String,
    /// The side on which its peers would be.
    pub peers: Orientation,
    /// The topic of the endpoint, as it prints.
    pub topic: String,
}

impl NeverMet {
    /// Of how many a host is told.
    #[cfg(debug_assertions)]
    const MOST: usize = 20;

    /// Adds it to these, if there is room and none has its topic.
    #[cfg(debug_assertions)]
    pub(crate) fn join(self, found: &mut Vec<Self>) {
        let is_known = found.iter().any(|known| (known.peers, &known.topic) == (self.peers, &self.topic));
        if found.len() < Self::MOST && !is_known {
            found.push(self);
        }
    }
}

/// The fault, in one line.
impl fmt::Display for NeverMet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, peers, topic } = self;
        let peer = match peers {
            Orientation::Publisher => "publisher of",
            Orientation::Subscriber => "subscriber to",
        };
        write!(f, "{} waits for a {peer} {topic}, and none has ever been there", one_line(who))
    }
}
