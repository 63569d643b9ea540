//! A process in the table, with what the VM knows of it.

use std::sync::Arc;

use crate::conversation::duct::{self, Duct, Ended, LetGo, Pushed};
use crate::conversation::pid::Pid;
use crate::data::fresh::Fresh;
use crate::data::hash::Map;
use crate::data::reason::{Failed, Reason};
use crate::data::slots::{NONE, Slots};
use crate::data::value::Value;
use crate::process::queue::{Lane, Queue};
use crate::process::{ErasedProcess, Process};
use crate::record::log::{Remains, Snapshot};
use crate::vm::Vm;

/// A process in the table, with what the VM knows of it: one cache line, since a message may find any of them.
#[repr(align(64))]
pub(crate) struct Entry {
    pub(crate) pid: Pid,
    pub(crate) body: Box<dyn ErasedProcess>,
    pub(crate) names: Option<Box<Names>>,
    /// If it has had to do with ducts.
    pub(crate) ducts: Option<Box<Ducts>>,
    /// The endpoint that it added last, or [`NONE`].
    pub(crate) last_endpoint: u32,
    /// How many of its actions are in the queue.
    pub(crate) queued: u32,
    /// How many of its first actions are still to be performed.
    pub(crate) starting: u32,
    /// How many of its meta-level spawns are still to be continued.
    pub(crate) awaited: u32,
    /// It failed or is ending: none of its code runs any more.
    pub(crate) deaf: bool,
}

const _: () = assert!(Slots::<Entry>::PLACE <= 64);

/// The names that a process has or has given. Most have none.
#[derive(Default)]
pub(crate) struct Names {
    /// Its own: for people.
    pub(crate) own: Option<Value>,
    /// Those of its endpoints.
    pub(crate) endpoints: Map<Value, u32>,
    /// Those of its endpoints further out, under how many levels out.
    pub(crate) outer: Map<(u32, Value), OuterName>,
}

/// What is known of a process's ducts.
#[derive(Default)]
pub(crate) struct Ducts {
    /// Its hops on the ducts of others, who wait as long as it is there.
    pushed: Vec<Pushed>,
    /// Those that it has not to give on any more: when it has ended, whoever waits hears that, unless somebody else has them.
    lost: Vec<LetGo>,
    /// While somebody has snapshots of it.
    remains: Option<Arc<Remains>>,
}

impl Ducts {
    /// No answer comes on this duct from here.
    pub(crate) fn lose(&mut self, duct: &Duct) {
        self.lost.extend(LetGo::of(duct));
    }

    /// Nor on these.
    pub(crate) fn lose_all(&mut self, let_go: Vec<LetGo>) {
        self.lost.extend(let_go);
    }
}

impl Drop for Ducts {
    /// In the name of whoever ends: the process, or a VM around it.
    fn drop(&mut self) {
        self.lost.drain(..).for_each(LetGo::hand_on);
    }
}

pub(crate) struct OuterName {
    /// The name in the container.
    pub(crate) outside: Fresh,
    /// The ticket of the last endpoint that was sent out under this name.
    pub(crate) ticket: Option<Fresh>,
}

impl Entry {
    /// Nothing can ever happen to it again.
    #[inline]
    pub(super) fn is_garbage(&self) -> bool {
        self.last_endpoint == NONE
            && self.queued == 0
            && self.awaited == 0
            && self.names.as_ref().is_none_or(|names| names.outer.is_empty())
    }

    /// Its debug name.
    pub(crate) fn name(&self) -> Option<&Value> {
        self.names.as_ref()?.own.as_ref()
    }
}

impl Entry {
    /// It has put its hop on a duct.
    pub(crate) fn push(&mut self, duct: &Duct) {
        let ducts = self.ducts.get_or_insert_default();
        // Those on which no answer comes any more are forgotten before there is need of more room.
        if ducts.pushed.len() == ducts.pushed.capacity() {
            ducts.pushed.retain(Pushed::is_there);
        }
        ducts.pushed.extend(duct.pushed());
    }

    /// It ends, or has not begun, without having answered on this duct.
    pub(crate) fn lose(&mut self, duct: &Duct) {
        if !duct.is_empty() {
            self.ducts.get_or_insert_default().lose(duct);
        }
    }

    /// Takes a turn; what it asks for is queued.
    #[inline]
    pub(super) fn turn<R>(
        &mut self,
        queue: &mut Queue,
        slot: u32,
        turn: u64,
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let before = queue.end();
        let mut lane = Lane { queue, slot, pid: self.pid, turn };
        let result = match &self.ducts {
            None => work(&mut *self.body, &mut lane),
            Some(_) => self.call_with_ducts(|body| work(body, &mut lane)),
        };
        self.queued += (lane.queue.end() - before) as u32;
        if duct::was_touched() {
            self.touched(result.is_err());
        }
        result
    }

    /// Calls it: then it may get ducts, and let go of them.
    #[inline]
    pub(crate) fn call<R>(
        &mut self,
        work: impl FnOnce(&mut dyn ErasedProcess) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let result = match &self.ducts {
            None => work(&mut *self.body),
            Some(_) => self.call_with_ducts(work),
        };
        if duct::was_touched() {
            self.touched(result.is_err());
        }
        result
    }

    #[inline(never)]
    fn call_with_ducts<R>(
        &mut self,
        work: impl FnOnce(&mut dyn ErasedProcess) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        // Those in a VM have turns of their own, inside of its.
        if self.body.as_any().is::<Process<Vm>>() {
            return work(&mut *self.body);
        }
        self.keep_state();
        let (result, let_go) = duct::letting_go(|| work(&mut *self.body));
        self.let_go(let_go, result.is_err());
        if result.is_ok()
            && let Some(remains) = self.ducts.as_ref().and_then(|ducts| ducts.remains.as_ref())
        {
            remains.forget();
        }
        result
    }

    /// Its state as it is, for the log, if it lets others look. Then it may share ducts with the log.
    pub(crate) fn snapshot(&mut self) -> Option<Snapshot> {
        let mut snapshot = self.body.snapshot()?;
        self.ducts.get_or_insert_default().remains.get_or_insert_default().note(&mut snapshot);
        Some(snapshot)
    }

    /// If it ends now, it ends with what it has now; as long as somebody has snapshots of it, it may share that with them.
    fn keep_state(&mut self) {
        let Some(remains) = self.ducts.as_mut().map(|ducts| &mut ducts.remains) else { return };
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

    /// It ends for this reason, with all that is in it.
    pub(super) fn end(&mut self, reason: &Reason) {
        self.keep_state();
        let Some(ducts) = &self.ducts else { return };
        if let Some(remains) = &ducts.remains {
            remains.end(Ended::because(reason.clone()));
        }
        let vm = self.body.as_any().downcast_mut::<Process<Vm>>();
        if let Some(vm) = vm.and_then(Process::state_mut) {
            vm.processes.end_all(reason);
        }
    }

    #[cold]
    fn touched(&mut self, failed: bool) {
        self.ducts.get_or_insert_default();
        self.let_go(duct::let_go_in_turn(), failed);
    }

    /// In its turn it has let go of these ducts; if it failed, it is not done with them.
    pub(crate) fn let_go(&mut self, let_go: Vec<LetGo>, failed: bool) {
        if failed && !let_go.is_empty() {
            self.ducts.get_or_insert_default().lost.extend(let_go);
        } else {
            duct::settle(let_go);
        }
    }

    /// It hears now what was passed to it before it began.
    pub(crate) fn find(&mut self, duct: &Duct) {
        if let Some(ducts) = &mut self.ducts {
            ducts.lost.retain(|lost| Some(lost.identity()) != duct.identity());
        }
    }
}
