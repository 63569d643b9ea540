//! Which processes hold ducts, which have let go of them, and who hears that no answer comes.
//!
//! # The words
//!
//! - A duct is **held** by whoever can give on it. A process holds what is in its state, its
//!   endpoints, its continuations and its actions. The hop that a process pushes onto a duct holds
//!   that duct, too: with the answer, the process gets it back. Everybody else only **sees** it: a
//!   message, the record, a snapshot.
//! - A holder **lets go** of a duct when it drops it. Nobody knows yet what that means: that is
//!   **settled** later. Meanwhile what is below the duct stays held.
//! - A process that goes on owes nothing: what it let go of is told to nobody.
//! - A process that ends **loses** what it let go of. That is a [`Loss`], which has the reason of
//!   the end.
//! - When nobody holds a lost duct any more, the process of its top hop **is told**, once. Until
//!   then its losses are noted with the duct: the one that was the last may have been a snapshot,
//!   which cannot be told apart.
//! - A duct is **over** when the process of its top hop has heard that, or has ended itself. Then
//!   its hop lets go of what is below, which may be a loss in turn.
//!
//! # The verbs
//!
//! | verb | who says it | what it does |
//! |---|---|---|
//! | [`Entry::passed`] | `pass` | the process has pushed its hop |
//! | [`Entry::handed`] | `pass` | the process hears on this duct |
//! | [`Entry::call`] | every turn | what the process lets go of is settled if it goes on, and lost if it fails |
//! | [`letting_go`] | whoever drops something for a process | says what it let go of: for one of the next four |
//! | [`settle`](crate::conversation::duct::settle) | | its process goes on |
//! | [`Entry::lose`], [`Entry::lose_all`] | | its process will end, and has not ended yet |
//! | [`Processes::ended`] | | its process has ended |
//! | [`hand_on`](crate::conversation::duct::hand_on) | | it is settled further out |
//! | [`Vm::tell_waiting`] | every step | whoever is to be told is told |
//! | [`Duct::answered`](crate::conversation::duct::Duct::answered) | `give` | an answer is under way, which nobody holds |
//!
//! # From an end to whoever hears of it
//!
//! [`Entry::fails`], [`Entry::ends`] → [`Processes::ended`] → [`Vm::tell_waiting`] → [`Vm::route`]
//! → [`Vm::told`] → [`Processes::ended`], for what is below.
//!
//! How holders are counted is in `conversation/duct/`: `node.rs` has the book of a duct, `hands.rs`
//! what a thread has let go of. A process that has had nothing to do with ducts has no [`Account`],
//! and pays for none.

mod account;
mod telling;

use std::collections::HashSet;

pub(crate) use self::account::Account;
pub(crate) use crate::conversation::duct::letting_go;
use crate::conversation::duct::{Duct, LetGo, Loss, hand_on};
use crate::data::reason::Reason;
use crate::vm::Vm;
use crate::vm::processes::Processes;

/// What the processes of a VM have lost.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Of whom it is not known yet whether somebody is to be told.
    losses: Vec<Loss>,
    /// Lost with the VM, which has stopped.
    stopped: Lost,
}

impl Ledger {
    /// Whether nobody is to be told.
    #[inline]
    pub(crate) const fn is_clear(&self) -> bool {
        self.losses.is_empty()
    }

    /// These are told from here.
    pub(crate) fn extend(&mut self, losses: Vec<Loss>) {
        self.losses.extend(losses);
    }

    /// Nobody answers on this duct, as the VM has stopped.
    fn lose(&mut self, duct: &Duct) {
        self.stopped.0.extend(LetGo::of(duct));
    }

    /// The losses so far, in the order in which the ducts were passed: not that in which states and
    /// closures let go of them.
    pub(crate) fn take(&mut self) -> Vec<Loss> {
        let mut losses = std::mem::take(&mut self.losses);
        losses.sort_by_key(|loss| loss.let_go.number());
        losses
    }
}

impl Drop for Ledger {
    /// What has not been told is lost with the VM.
    fn drop(&mut self) {
        hand_on(self.losses.drain(..).map(|loss| loss.let_go).collect());
    }
}

/// Ducts of which somebody has let go that will end. They are settled when it has ended: in the
/// name of whoever ends, which is the process or a VM around it.
#[derive(Default)]
struct Lost(Vec<LetGo>);

impl Drop for Lost {
    fn drop(&mut self) {
        hand_on(std::mem::take(&mut self.0));
    }
}

impl Processes {
    /// A process has ended for this reason, and let go of these.
    #[inline]
    pub(crate) fn ended(&mut self, let_go: Vec<LetGo>, reason: &Reason) {
        if !let_go.is_empty() {
            self.lost(let_go, reason);
        }
    }

    #[cold]
    fn lost(&mut self, let_go: Vec<LetGo>, reason: &Reason) {
        let losses = &mut self.ledger.losses;
        let mut known: HashSet<_> = losses.iter().map(|loss| loss.let_go.identity()).collect();
        for let_go in let_go {
            if known.insert(let_go.identity()) {
                losses.push(Loss { let_go, reason: reason.clone() });
            }
        }
    }

    /// Whether a snapshot has gone that was the last to share what a process lost.
    #[inline]
    pub(crate) fn has_fallen(&self) -> bool {
        self.site.has_fallen()
    }

    /// That is told with what else there is to tell.
    #[inline]
    pub(crate) fn gather(&mut self) {
        if self.has_fallen() {
            self.ledger.losses.append(&mut self.site.take_fallen());
        }
    }
}

impl Vm {
    /// Nothing of what is queued is done any more. Whoever waits for one of the VM's processes
    /// hears that when the VM ends.
    pub(super) fn lose_queue(&mut self) {
        let ((), let_go) = letting_go(|| self.processes.queue.clear());
        self.processes.ledger.stopped.0.extend(let_go);
    }
}
