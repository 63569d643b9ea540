//! Which children start again, and with whom.

/// Whether a child that ended starts again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// However it ended.
    Always,
    /// If it failed.
    #[default]
    OnFailure,
    /// In no case.
    Never,
}

/// Who starts again with a child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Nobody.
    #[default]
    OneForOne,
    /// Every other child.
    OneForAll,
    /// The children after it.
    RestForOne,
}

impl Strategy {
    /// Whether what becomes of child `one` concerns child `other`.
    pub(super) fn concerns(self, one: usize, other: usize) -> bool {
        match self {
            Self::OneForOne => one == other,
            Self::OneForAll => true,
            Self::RestForOne => one <= other,
        }
    }
}
