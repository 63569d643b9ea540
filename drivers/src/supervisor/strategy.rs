//! Whether a child starts again, and which other children do.

/// Whether a child that ended starts again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// It starts again, however it ended.
    Always,
    /// It starts again if it failed.
    #[default]
    OnFailure,
    /// It never starts again.
    Never,
}

/// Which children start again with a child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// No other child.
    #[default]
    OneForOne,
    /// Every other child.
    OneForAll,
    /// The children after it.
    RestForOne,
}

impl Strategy {
    /// Whether the end of child `one` concerns child `other`.
    pub(super) fn concerns(self, one: usize, other: usize) -> bool {
        match self {
            Self::OneForOne => one == other,
            Self::OneForAll => true,
            Self::RestForOne => one <= other,
        }
    }
}
