//! Why no packets go on a connection.

use marketplace::Text;

/// Why no packets go on a connection that has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) cause: Cause,
    /// The machine that it says to be, if that is in the list.
    pub(super) machine: Option<Text>,
    /// In words, with what the other side has said.
    pub(super) why: String,
}

/// The kinds of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// It has not said who it is.
    Silent,
    /// It has not said who it is, and too many others have come.
    Crowd,
    /// The connection has broken, or is no TLS connection.
    Broken,
    /// Its bytes are not those of links.
    Foreign,
    /// There is a word, and no greeting.
    Greeting,
    /// It begins as another version does.
    Version,
    /// It refuses this machine.
    Refuses,
    /// Its name is none, or is not in the list.
    Unlisted,
    /// It has another key.
    Key,
    /// It wants another machine, or is this one itself.
    Elsewhere,
    /// It has too many connections.
    Many,
    /// It speaks as machines do not.
    Bad,
}

impl Cause {
    /// A connection is refused for this, before a machine of the list is at the other end.
    pub(super) fn because(self, why: impl Into<String>) -> Refused {
        Refused { cause: self, machine: None, why: why.into() }
    }

    /// A machine of the list is refused for this.
    pub(super) fn of(self, machine: &Text, why: impl Into<String>) -> Refused {
        Refused { cause: self, machine: Some(machine.clone()), why: why.into() }
    }
}
