//! The ledger: which processes hold ducts, which have let go of them, and which hear that no answer
//! comes.
//!
//! # The words
//!
//! - A process that can give on a duct **holds** it. A process holds the ducts in its state, its
//!   endpoints, its continuations and its actions. The hop that a process pushes onto a duct holds
//!   that duct, too: with the answer, the process gets it back. A message, the record and a
//!   snapshot only **see** a duct.
//! - A holder **lets go** of a duct when it drops it. It is not known at once whether the holder
//!   lives on; when it is, the duct is **settled**. Meanwhile the duct below stays held.
//! - If the process lives on, nobody is told that it let go of a duct.
//! - A process that ends **loses** the ducts that it let go of. Each is a [`Loss`], with the reason
//!   of the end.
//! - When nobody holds a lost duct any more, the process of its top hop **is told**, once. Until
//!   then its losses are noted with the duct: the last holder may have been a snapshot, and then
//!   the reason is needed later. It is told sooner if a promise breaks whose outcome was to be
//!   given on the duct; then no loss is told.
//! - A duct is **over** when the process of its top hop has heard that, or has ended itself. Then
//!   its hop lets go of the duct below, which may be a loss in turn.
//!
//! # The verbs
//!
//! | verb | who says it | what it does |
//! |---|---|---|
//! | [`ProcessEntry::passed`] | `pass` | the process has pushed its hop |
//! | [`ProcessEntry::handed`] | `pass` | the process hears on this duct |
//! | [`ProcessEntry::call`] | every turn | ducts that the process lets go of are settled if it lives on, and lost if it fails |
//! | [`letting_go`] | code that drops something for a process | gives the ducts that it let go of: for one of the next four |
//! | [`settle`](crate::conversation::duct::settle) | | its process goes on |
//! | [`ProcessEntry::lose`], [`ProcessEntry::lose_all`] | | its process will end, and has not ended yet |
//! | [`Processes::ended`] | | its process has ended |
//! | [`hand_on`](crate::conversation::duct::hand_on) | | they are settled further out |
//! | [`Vm::tell_waiting`] | every step | the processes that are to be told are told |
//! | [`Duct::answered`](crate::conversation::duct::Duct::answered) | `give` | an answer is under way, so nobody holds the duct |
//!
//! # From an end to whoever hears of it
//!
//! [`ProcessEntry::fails`], [`ProcessEntry::ends`] → [`Processes::ended`] → [`Vm::tell_waiting`] →
//! [`Vm::route`] → [`Vm::told_nothing`] → [`Processes::ended`], for the ducts below.
//!
//! Holders are counted in `conversation/duct/`: `node.rs` has the book of a duct, `hands.rs` the
//! ducts that a thread has let go of. A process that has had nothing to do with ducts has no
//! [`Account`], and pays for none.

mod account;
mod telling;

use std::collections::HashSet;

pub(crate) use self::account::Account;
pub(crate) use crate::conversation::duct::letting_go;
use crate::conversation::duct::{Duct, LetGo, Loss, hand_on};
use crate::data::reason::Reason;
use crate::vm::Vm;
use crate::vm::processes::Processes;

/// The losses of a VM's processes.
#[derive(Default)]
pub(crate) struct Ledger {
    /// The losses of which it is not known yet whether somebody is to be told.
    losses: Vec<Loss>,
    /// The ducts that are lost with the VM, which has stopped.
    stopped: Lost,
}

impl Ledger {
    /// Whether there are no losses.
    #[inline]
    pub(crate) const fn is_clear(&self) -> bool {
        self.losses.is_empty()
    }

    /// Adds losses, to be told from here.
    pub(crate) fn extend(&mut self, losses: Vec<Loss>) {
        self.losses.extend(losses);
    }

    /// Nobody answers on this duct, as the VM has stopped.
    fn lose(&mut self, duct: &Duct) {
        self.stopped.0.extend(LetGo::of(duct));
    }

    /// The losses so far, in the order in which the ducts were passed: not that in which states and
    /// closures let go of them.
    pub(crate) fn take_losses(&mut self) -> Vec<Loss> {
        let mut losses = std::mem::take(&mut self.losses);
        losses.sort_by_key(|loss| loss.let_go.pushed_by());
        losses
    }
}

impl Drop for Ledger {
    /// Losses that have not been told are lost with the VM.
    fn drop(&mut self) {
        let losses = std::mem::take(&mut self.losses);
        hand_on(losses.into_iter().map(|loss| loss.let_go));
    }
}

/// Ducts that a process has let go of which will end. They are settled when the end has come, in
/// the name of the process or of a VM around it.
#[derive(Default)]
struct Lost(Vec<LetGo>);

impl Drop for Lost {
    fn drop(&mut self) {
        hand_on(std::mem::take(&mut self.0));
    }
}

impl Processes {
    /// Notes that a process has ended for this reason, and let go of these ducts.
    #[inline]
    pub(crate) fn ended(&mut self, let_go: Option<Vec<LetGo>>, reason: &Reason) {
        if let Some(let_go) = let_go {
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

    /// Whether a snapshot has gone that was the last holder of a duct of an ended process.
    #[inline]
    pub(crate) fn has_fallen(&self) -> bool {
        self.site.has_fallen()
    }

    /// Takes the losses of such snapshots in, to be told with the others.
    #[inline(always)]
    pub(crate) fn gather(&mut self) {
        if self.has_fallen() {
            self.gather_fallen();
        }
    }

    #[cold]
    #[inline(never)]
    fn gather_fallen(&mut self) {
        self.ledger.losses.append(&mut self.site.take_fallen());
    }
}

impl Vm {
    /// Drops the queue of a VM that has stopped. Processes that wait for one of the VM's hear of it
    /// when the VM ends.
    pub(super) fn lose_queue(&mut self) {
        let ((), let_go) = letting_go(|| self.processes.queue.clear());
        self.processes.ledger.stopped.0.extend(let_go.into_iter().flatten());
    }
}
