//! Ends of which somebody may have to be told.

use crate::conversation::duct::{Duct, LetGo, letting_go};
use crate::data::numbers;
use crate::data::reason::Reason;

/// A process has ended, for this reason, and let go of a duct: whoever waits hears that, unless
/// somebody else can answer.
pub(crate) struct Loss {
    pub(crate) let_go: LetGo,
    pub(crate) reason: Reason,
}

impl Loss {
    /// The duct, held, and the reason, if its process is to be told that no answer comes.
    pub(crate) fn into_told(self) -> Option<(Duct, Reason)> {
        let Self { let_go, reason } = self;
        let node = let_go.node();
        if node.is_to_be_told() {
            return Some((Duct::of(Some(node.clone())), reason));
        }
        node.owe(Ended::because(reason));
        None
    }
}

/// The end of a process that could have answered.
#[derive(Clone)]
pub(crate) struct Ended {
    /// The number that was next then.
    pub(crate) at: u64,
    pub(crate) reason: Reason,
}

impl Ended {
    /// Now.
    pub(crate) fn because(reason: Reason) -> Self {
        Self { at: numbers::next(), reason }
    }
}

/// A snapshot that shared these with its process, which had them when this number was next, has let
/// go of them. `ended`: the process ended with them.
///
/// While a snapshot is kept its ducts count as held, and nobody can see that it is the last that
/// has them. When it goes, whoever would have been told without it is told, late.
pub(crate) fn fall(mut let_go: Vec<LetGo>, had: u64, mut ended: Option<&Ended>) {
    // What is below one of which nobody is told is let go of with it.
    while !let_go.is_empty() {
        let fall_each = || let_go.into_iter().for_each(|let_go| let_go.fall(had, ended));
        ((), let_go) = letting_go(fall_each);
        ended = None;
    }
}

impl LetGo {
    fn fall(self, had: u64, ended: Option<&Ended>) {
        let node = self.node().clone();
        if !node.is_held()
            && let Some(reason) = node.why_over(had, ended)
        {
            node.hop.site.tower.fall(Loss { let_go: self, reason });
        }
    }
}
