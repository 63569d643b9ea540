//! The messages of the file watch driver.

use std::io;

use marketplace::{Message, Symbol, Text};

use crate::failure;

/// A file has changed.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::watch::{FileChange, FileChanged};
///
/// /// Hears of files that come into a directory.
/// let newcomers: AddEndpoint<()> = subscriber!(
///     FileChanged { watched: "inbox", .. },
///     on_message!(FileChanged { path, change: FileChange::Created, .. } => send_message!(path)),
/// );
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(driver = crate::watch::DRIVER)]
pub struct FileChanged {
    /// The path that is watched, as the subscriber wrote it.
    pub watched: Text,
    /// The path that has changed: the watched path, or that of an entry of the watched directory.
    pub path: Text,
    /// The change.
    pub change: FileChange,
}

/// A change of a file.
///
/// ```
/// use marketplace_drivers::watch::FileChange;
/// assert_ne!(FileChange::Created, FileChange::Modified);
/// ```
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileChange {
    /// There is a file, or another one in place of the old: so for a directory, if its path is
    /// watched.
    Created,
    /// There is something else in it.
    Modified,
    /// It is not there any more.
    Removed,
    /// Some changes are not told: anything may have changed.
    Missed,
}

/// Why a path is not watched.
///
/// ```
/// use marketplace_drivers::watch::WatchFailure;
/// let failure = WatchFailure::from(&std::io::Error::from(std::io::ErrorKind::NotFound));
/// assert_eq!(failure.kind.as_str(), "NotFound");
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct WatchFailure {
    /// The kind of failure: the name of an [`io::ErrorKind`], or `TooManyWatches`, or `Other`.
    pub kind: Symbol,
    /// The failure as a text, for people.
    pub text: Text,
}

impl From<&io::Error> for WatchFailure {
    fn from(error: &io::Error) -> Self {
        let (kind, text) = failure::kind_and_text(error);
        Self { kind, text }
    }
}

impl From<&notify::Error> for WatchFailure {
    fn from(error: &notify::Error) -> Self {
        match &error.kind {
            notify::ErrorKind::Io(error) => error.into(),
            notify::ErrorKind::PathNotFound => (&io::Error::from(io::ErrorKind::NotFound)).into(),
            // The system's own text for this would say that a disk is full.
            notify::ErrorKind::MaxFilesWatch => {
                Self { kind: "TooManyWatches".into(), text: error.to_string().into() }
            }
            _ => Self { kind: "Other".into(), text: error.to_string().into() },
        }
    }
}
