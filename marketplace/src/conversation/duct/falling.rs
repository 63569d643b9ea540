//! Ends of processes of which a waiting process may have to be told.

use crate::conversation::duct::{Duct, LetGo, letting_go};
use crate::data::numbers::{self, Counter};
use crate::data::reason::Reason;

/// A process has ended, for this reason, and let go of a duct: the process that waits hears that,
/// unless somebody else can answer.
pub(crate) struct Loss {
    pub(crate) let_go: LetGo,
    pub(crate) reason: Reason,
}

impl Loss {
    /// The duct, held, and the reason, if the process of its top hop is to be told that no answer
    /// comes.
    pub(crate) fn into_told(self) -> Option<(Duct, Reason)> {
        let Self { let_go, reason } = self;
        let node = let_go.node();
        if node.begin_telling() {
            return Some((Duct::of(Some(node.clone())), reason));
        }
        node.owe(Ended::because(reason));
        None
    }
}

/// The end of a process that could have answered.
#[derive(Clone)]
pub(crate) struct Ended {
    /// The number that was next when the process ended.
    pub(crate) at: Counter,
    pub(crate) reason: Reason,
}

impl Ended {
    /// The process ends now.
    pub(crate) fn because(reason: Reason) -> Self {
        Self { at: numbers::counter(), reason }
    }
}

/// A snapshot has let go of these ducts. It had shared them with its process, which held them when
/// the number `had` was next. `ended`: the process ended with them.
///
/// While a snapshot is kept, its ducts count as held, even if nobody else holds them. When it goes,
/// the processes that would have been told without it are told, late.
pub(crate) fn fall(mut let_go: Option<Vec<LetGo>>, had: Counter, mut ended: Option<&Ended>) {
    // If nobody is told of a duct, the duct below is let go of with it.
    while let Some(fallen) = let_go {
        let fall_each = || fallen.into_iter().for_each(|let_go| let_go.fall(had, ended));
        ((), let_go) = letting_go(fall_each);
        ended = None;
    }
}

impl LetGo {
    fn fall(self, had: Counter, ended: Option<&Ended>) {
        let node = self.node().clone();
        if !node.is_held()
            && let Some(reason) = node.why_over(had, ended)
        {
            node.hop.site.tower.fall(Loss { let_go: self, reason });
        }
    }
}
