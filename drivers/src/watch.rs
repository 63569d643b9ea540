//! Files that change.
//!
//! ```no_run
//! use marketplace::prelude::*;
//! use marketplace_drivers::watch::{self, FileChanged};
//!
//! /// Says when its settings have changed.
//! fn main() -> Result<(), GroundError> {
//!     ground_vm!(
//!         watch::driver(),
//!         subscriber!(
//!             FileChanged { watched: "settings.toml", .. },
//!             on_presence!(println!("reading the settings")),
//!             on_message!(FileChanged { change, .. } => println!("{change:?}: reading them again")),
//!         ),
//!     )
//! }
//! ```
//!
//! # The protocol
//!
//! | to | be | what happens |
//! |---|---|---|
//! | watch a file | a participant that subscribes to `FileChanged { watched: path, .. }` | its changes are told, while there is such a participant |
//! | watch a directory | such a participant, with the directory's path | changes of the entries directly in it are told, with their paths |
//! | know that it is watched | look at the presence of its publisher | from then on no change is missed: a process that reads the file then misses nothing |
//!
//! The path is taken as it is written: two ways to write one path are two watches. A relative path
//! begins at the directory in which the program is when the watch begins.
//!
//! A watch is of a path, whatever the path leads to, through however many links. A file that is
//! replaced, as editors do, or removed and made again, is watched on. So is the file at the end of
//! a path when a link or a directory on the way is switched to another, as by a new release: that
//! is a change of the watched path. Entries of a watched directory that are links are not followed.
//!
//! | [`FileChange`] | means |
//! |---|---|
//! | `Created` | there is a file, or another one in place of the old. For the path of a watched directory: another directory is in its place. Look at everything in it |
//! | `Modified` | there is something else in it |
//! | `Removed` | it is not there any more: removed, or renamed, or nothing leads to it. A link on the way that comes again is followed again |
//! | `Missed` | there were more changes than could be kept, or the system lost some: look at everything again |
//!
//! Changes of one path that come faster than the program takes them are told once; several of
//! different kinds, in their order.
//!
//! | failure | how it is told |
//! |---|---|
//! | there is no such file, or it may not be watched | refusal of `FileChanged { watched, .. }`, with a [`WatchFailure`] |
//! | the system's limit of watches is reached | that refusal, of kind `TooManyWatches`; when other watches end, there is room again |
//! | a watched directory is removed or renamed | that is told, and then the publisher goes, normally |
//! | the directory of a watched file is removed or renamed, or the system does not go on watching | absence, with a [`WatchFailure`] |
//! | after a switch the path leads in a circle, or to a file or directory that may not be watched | that absence |
//!
//! All watches of a driver share one instance of the system's watch (of which a user may have few:
//! 128 on Linux), one thread, and one system watch for each directory on their ways. A directory on
//! the way that this program may not read is passed by; but then a link must not be in it.
//!
//! The price: the system also tells the driver of other programs' changes in those directories,
//! `/tmp` or the home directory say. The thread drops them, but each takes some 10 µs. If more than
//! 16,384 changes wait for the thread, each watch is told that some were missed. A watch below a
//! busy directory is better placed elsewhere.
//!
//! Not seen are: permissions and times; writes through another hard link, a memory map or another
//! machine; and a mount on the way. At most 4,096 changes of a path wait for the program.

mod driver;
mod files;
mod halves;
mod messages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use marketplace::Spawn;

use crate::watch::files::Files;
pub use crate::watch::messages::{FileChange, FileChanged, WatchFailure};

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: "file watch driver", action: "watch::driver()", relay: None };

/// The file watch driver: an action, to be performed once in a ground VM. [The module](self) says
/// what it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::watch;
///
/// let boot: Transition<()> = transition_no_state!(watch::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub fn driver<S>() -> Spawn<S> {
    driver::spawn(Arc::new(Files::default()))
}
