//! The messages of the outer half, and the trait that makes one.

use marketplace::{Message, Source, Text};

use crate::watch::messages::FileChange;

/// Makes outer halves. The process half knows no more of files, so that tests can script them.
pub(super) trait Watches: Send + Sync + 'static {
    /// A source of [`FromWatch`].
    fn watch(&self, path: &Text) -> Source;
}

/// News of a watched path.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "FromWatch")]
pub(super) enum FromWatch {
    /// The first news: it is watched.
    Standing,
    /// It has changed, or an entry in it has.
    Changed { path: Text, change: FileChange },
}
