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
//! | watch a file | a participant that subscribes to `FileChanged { watched: path, .. }` | its changes are said, while anybody is one |
//! | watch a directory | the same with its path | what becomes of the entries directly in it is said, with their paths |
//! | know that it is watched | look at the presence of its publisher | from then on no change is missed: who reads the file then has all |
//!
//! The path is taken as it is written: two ways to write one path are two watches. A watch is of a path, not of what it
//! was: a file that is replaced, as editors do, or removed and made again, is watched on.
//!
//! | [`FileChange`] | means |
//! |---|---|
//! | `Created` | there is a file, or a new one in place of the old |
//! | `Modified` | there is something else in it |
//! | `Removed` | it is not there any more: removed, or renamed |
//! | `Missed` | there were more changes than could be kept, or the system lost some: look at everything again |
//!
//! Changes of one path that come faster than the program takes them are said once; several of different kinds, in their order.
//!
//! | failure | how it is told |
//! |---|---|
//! | there is no such file, or it may not be watched | refusal of `FileChanged { watched, .. }`, with a [`WatchFailure`] |
//! | a watched directory is removed | it is said, and then the publisher goes, normally |
//! | the directory of a watched file is removed, or the system does not go on watching | absence, with a [`WatchFailure`] |
//!
//! Permissions and times are not looked at. At most 4,096 changes wait for the program.

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

/// The file watch driver: an action, to be performed once in a ground VM. [The module](self) says what it does.
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
    driver::spawn(Arc::new(Files))
}
