//! The account: a process's dealings with ducts.

use std::sync::Arc;

use crate::conversation::duct::{self, Duct, Ended, LetGo, Pushed, Touched, letting_go};
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::falling::Mark;
use crate::data::reason::{Failed, Reason};
use crate::data::reference::{Reference, WeakReference};
use crate::network::owner::ProcessSlot;
use crate::process::queue::HOST;
use crate::process::{Context, ErasedProcess, Process};
use crate::record::log::{Remains, Snapshot};
use crate::vm::Vm;
use crate::vm::ledger::Lost;
use crate::vm::processes::{ProcessEntry, Processes};

/// A process's ducts, if it has had to do with any.
#[derive(Default)]
pub(crate) struct Account {
    /// Its hops on ducts on which processes wait for it as long as it is there.
    pushed: Vec<Pushed>,
    lost: Lost,
    /// Set while somebody has snapshots of it.
    remains: Option<Arc<Remains>>,
    /// The answers that it owes, if it has failed: they break when it ends.
    owed: Vec<AnswerTo>,
    /// Its objects, if it has failed.
    ending: Vec<WeakReference>,
}

impl Processes {
    /// Opens an account for a new process to which its parent may have handed a duct. Says whether
    /// the parent may have.
    #[inline]
    pub(crate) fn inherit(&mut self, slot: ProcessSlot) -> bool {
        let touched = duct::take_touched();
        if touched.is_any()
            && let Some(entry) = self.get_mut(slot)
        {
            entry.has_to_do_with_objects |= touched.asked();
            if touched.ducts() {
                entry.open_account();
            }
        }
        touched.ducts()
    }

    /// Notes that the process which is made next may get a duct from this one, if this one has an
    /// account. The host has none, and may have any duct.
    pub(crate) fn bequeath(&self, slot: ProcessSlot, context: &Context) {
        let from_host = slot == HOST && context.has_passed;
        if from_host || self.get(slot).is_some_and(|entry| entry.account.is_some()) {
            duct::touch();
        }
    }
}

impl ProcessEntry {
    /// Notes that it is a VM: the answers of the processes in it go through its actions.
    pub(crate) fn note_vm(&mut self) {
        self.has_to_do_with_objects = true;
        self.open_account();
    }

    pub(crate) fn open_account(&mut self) -> &mut Account {
        self.account.get_or_insert_default()
    }

    /// Notes that it has failed, and will not give this answer: it breaks when the process ends.
    pub(crate) fn owe(&mut self, answer: AnswerTo) {
        self.has_to_do_with_objects = true;
        self.open_account().owed.push(answer);
    }

    /// Takes the answers that it owes.
    pub(crate) fn take_owed(&mut self) -> Vec<AnswerTo> {
        self.account.as_mut().map(|account| std::mem::take(&mut account.owed)).unwrap_or_default()
    }

    /// The process has failed: what is sent to its objects from now on breaks for this reason.
    pub(crate) fn ends_objects_soon(&mut self, reason: &Reason) {
        let objects = self.objects();
        if !objects.is_empty() {
            let owed = Vm::end_objects_soon(&objects, reason);
            let account = self.open_account();
            account.owed.extend(owed);
            account.ending = objects.iter().map(Reference::downgrade).collect();
        }
    }

    /// Takes its objects, as it ends.
    pub(crate) fn take_objects(&mut self) -> Vec<Reference> {
        self.take_ending().unwrap_or_else(|| self.objects())
    }

    /// Its objects, without those in it, if it is a VM that has not failed.
    pub(crate) fn take_own_objects(&mut self) -> Vec<Reference> {
        self.take_ending().unwrap_or_else(|| self.own_objects())
    }

    /// Takes the objects that it had when it failed.
    fn take_ending(&mut self) -> Option<Vec<Reference>> {
        let ending = std::mem::take(&mut self.account.as_mut()?.ending);
        (!ending.is_empty()).then(|| ending.iter().filter_map(WeakReference::upgrade).collect())
    }

    /// Notes that it has pushed its hop, onto the duct below.
    pub(crate) fn passed(&mut self, duct: &Duct) {
        let pushed = &mut self.open_account().pushed;
        // Hops on which no answer comes any more are forgotten before the list grows.
        if pushed.len() == pushed.capacity() {
            pushed.retain(Pushed::is_there);
        }
        pushed.extend(duct.pushed());
    }

    /// Notes that it hears on this duct, which was [lost](ProcessEntry::lose) in case that it never
    /// begins.
    pub(crate) fn handed(&mut self, duct: &Duct) {
        if let Some(account) = &mut self.account {
            account.lost.0.retain(|lost| Some(lost.identity()) != duct.identity());
        }
    }

    /// Notes that it will end, or never begin, and does not answer on this duct.
    pub(crate) fn lose(&mut self, duct: &Duct) {
        if let Some(let_go) = LetGo::of(duct) {
            self.open_account().lost.0.push(let_go);
        }
    }

    /// Notes that it will end, and has let go of these.
    pub(crate) fn lose_all(&mut self, let_go: Option<Vec<LetGo>>) {
        if let Some(let_go) = let_go {
            self.open_account().lost.0.extend(let_go);
        }
    }

    /// Calls the process, which may take hold of ducts meanwhile, and let go of them. When the turn
    /// is over, [`ProcessEntry::called`] must be called.
    #[inline]
    pub(crate) fn call<R>(
        &mut self,
        work: impl FnOnce(&mut dyn ErasedProcess) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        match &self.account {
            None => work(&mut *self.body),
            Some(_) => self.call_with_account(work),
        }
    }

    /// Notes that the process has been called, and whether it failed.
    #[inline]
    pub(crate) fn called(&mut self, failed: bool) {
        let touched = duct::take_touched();
        if touched.is_any() {
            self.touched(touched, failed);
        }
    }

    #[inline(never)]
    fn call_with_account<R>(
        &mut self,
        work: impl FnOnce(&mut dyn ErasedProcess) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        // The processes in a VM have turns of their own, inside of its turn.
        if self.body.as_any().is::<Process<Vm>>() {
            return work(&mut *self.body);
        }
        self.keep_state();
        let (result, let_go) = letting_go(|| work(&mut *self.body));
        self.let_go(let_go, result.is_err());
        if result.is_ok()
            && let Some(remains) = self.account.as_ref().and_then(|account| account.remains.as_ref())
        {
            remains.forget();
        }
        result
    }

    #[cold]
    fn touched(&mut self, touched: Touched, failed: bool) {
        self.awaited += touched.waits();
        self.has_to_do_with_objects |= touched.asked();
        if !touched.ducts() {
            return;
        }
        self.open_account();
        self.let_go(duct::let_go_in_turn(), failed);
    }

    /// Settles the ducts that it has let go of in its turn.
    fn let_go(&mut self, let_go: Option<Vec<LetGo>>, failed: bool) {
        if failed { self.lose_all(let_go) } else { duct::settle(let_go) }
    }

    /// The state as it is now, for the log, if the process lets the log keep it. Then it may share
    /// ducts with the log.
    pub(crate) fn snapshot(&mut self) -> Option<Snapshot> {
        let mut snapshot = self.body.snapshot()?;
        self.open_account().remains.get_or_insert_default().note(&mut snapshot);
        Some(snapshot)
    }

    /// Notes the state with which it ends if it ends now: as long as somebody has snapshots of it,
    /// it may share ducts with them.
    fn keep_state(&mut self) {
        let Some(remains) = self.account.as_mut().map(|account| &mut account.remains) else { return };
        if remains.as_ref().is_some_and(|remains| Arc::strong_count(remains) == 1) {
            *remains = None;
        }
        if let Some(remains) = remains
            && !remains.has_state()
            && let Some(state) = self.body.snapshot()
        {
            remains.keep(state);
        }
    }

    /// The process has failed: it will end for this reason, and has no state any more.
    pub(crate) fn fails(&mut self, reason: &Reason) {
        self.ends(reason);
        // If the state's destructor panics too, the first failure is still the reason.
        let mark = Mark::set();
        let (_, let_go) = letting_go(|| self.body.release_state());
        mark.blame(reason);
        self.lose_all(let_go);
    }

    /// The process ends for this reason, with all that is in it.
    pub(crate) fn ends(&mut self, reason: &Reason) {
        self.keep_state();
        let Some(account) = &self.account else { return };
        if let Some(remains) = &account.remains {
            remains.end(Ended::because(reason.clone()));
        }
        let vm = self.body.as_any().downcast_mut::<Process<Vm>>();
        if let Some(vm) = vm.and_then(Process::state_mut) {
            vm.processes.entries_mut().for_each(|entry| entry.ends(reason));
        }
    }
}
