//! What the outer half says, and how the process half gets one.

use marketplace::{Message, Source, Text};

use crate::watch::messages::FileChange;

/// Makes outer halves. The process half knows no more of files, so that tests can script them.
pub(super) trait Watches: Send + Sync + 'static {
    /// A source of [`FromWatch`].
    fn watch(&self, path: &Text) -> Source;
}

/// What is said of a watched path.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(label = "FromWatch")]
pub(super) enum FromWatch {
    /// First: it is watched.
    Standing,
    /// Something has become of it, or of an entry in it.
    Changed { path: Text, change: FileChange },
}
