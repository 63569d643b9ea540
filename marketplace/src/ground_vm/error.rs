//! How a program ends, if not well.

use std::fmt;

use crate::data::reason::{Reason, SharedError};

/// How a ground VM ended, if not well.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroundError {
    /// The boot process failed.
    #[error("the boot process failed: {0}")]
    Boot(Reason),
    /// A process ended the ground VM with this reason.
    #[error("the ground VM was ended: {0}")]
    Quit(Reason),
    /// The host could not be set up.
    #[error("the ground VM's host cannot start: {0}")]
    Host(SharedError),
}

/// The same text as `Display`, because `main` prints this.
impl fmt::Debug for GroundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
