//! Ducts that only somebody who looks on still has. A snapshot shares them with a state: while it is kept they count, and nobody
//! can see that it is the last that has them. When it goes, whoever would have been told without it is told, late.

use crate::conversation::duct::{Duct, letting_go};
use crate::data::numbers;
use crate::data::reason::Reason;

/// Who waits on this duct hears this reason, unless somebody else can answer.
pub(crate) struct Waiting {
    pub(crate) duct: Duct,
    pub(crate) reason: Reason,
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

/// Somebody who looked on has let go of these, which their process had when this number was next. `ended`: it ended with
/// them.
pub(crate) fn fall(mut let_go: Vec<Duct>, had: u64, mut ended: Option<&Ended>) {
    // What is below one of which nobody is told is let go of with it.
    while !let_go.is_empty() {
        let fall_each = || let_go.iter().for_each(|duct| duct.fall(had, ended));
        let ((), below) = letting_go(fall_each);
        (let_go, ended) = (below, None);
    }
}

impl Duct {
    fn fall(&self, had: u64, ended: Option<&Ended>) {
        let Some(node) = self.top.as_ref().filter(|node| !node.is_kept()) else { return };
        match node.why_over(had, ended) {
            Some(reason) => {
                node.set_pending(true);
                node.hop.site.tower.fall(Waiting { duct: self.shown(), reason });
            }
            None => node.let_go_quietly(),
        }
    }

    /// A process has ended that could have answered on it. Somebody else still has it, or so it seems.
    pub(crate) fn owe(&self, reason: Reason) {
        if let Some(node) = self.top.as_ref().filter(|node| node.is_kept()) {
            node.owe(Ended::because(reason));
        }
    }
}
