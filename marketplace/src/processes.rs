//! The process table, and turns.

use std::collections::HashSet;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::action::{Boot, Outside};
use crate::door;
use crate::duct::{self, Duct, Pushed, Site};
use crate::event::Event;
use crate::fresh::Fresh;
use crate::hash::Map;
use crate::pid::Pid;
use crate::process::{Booted, Context, ErasedProcess, Exit, Process};
use crate::queue::{Ending, Lane, Pending, Queue, Work};
use crate::reason::{Failed, Reason};
use crate::recorder::Taken;
use crate::slots::{NONE, Slots};
use crate::trace::{Heard, TurnOutcome};
use crate::value::Value;
use crate::vm::Vm;

/// The place that stands for the host: it asks for actions, but is no process.
pub(crate) const HOST: u32 = u32::MAX;

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

const _: () = assert!(Slots::<Entry, 0>::PLACE <= 64);

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
    lost: Vec<Duct>,
}

/// Who waits on this duct hears this reason, unless somebody else can answer.
pub(crate) struct Waiting {
    pub(crate) duct: Duct,
    pub(crate) reason: Reason,
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
    fn is_garbage(&self) -> bool {
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
            duct.set_pending(true);
            self.ducts.get_or_insert_default().lost.push(duct.shown());
        }
    }

    /// Takes a turn; what it asks for is queued.
    #[inline]
    fn turn<R>(
        &mut self,
        queue: &mut Queue,
        slot: u32,
        turn: u64,
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let before = queue.len();
        let mut lane = Lane { queue, slot, pid: self.pid, turn };
        let result = match &self.ducts {
            None => work(&mut *self.body, &mut lane),
            Some(_) => self.turn_with_ducts(&mut lane, work),
        };
        self.queued += (lane.queue.len() - before) as u32;
        if duct::was_touched() {
            self.ducts.get_or_insert_default();
        }
        result
    }

    #[inline(never)]
    fn turn_with_ducts<R>(
        &mut self,
        lane: &mut Lane<'_>,
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let (result, let_go) = duct::letting_go(|| work(&mut *self.body, lane));
        self.let_go(&let_go, result.is_err());
        result
    }

    /// In its turn it has let go of these ducts; if it failed, it is not done with them.
    pub(crate) fn let_go(&mut self, ducts: &[Duct], failed: bool) {
        if failed {
            ducts.iter().for_each(|duct| self.lose(duct));
        } else {
            duct::settle(ducts);
        }
    }

    /// It hears now what was passed to it before it began.
    pub(crate) fn find(&mut self, duct: &Duct) {
        if let Some(ducts) = &mut self.ducts {
            duct.set_pending(false);
            ducts.lost.retain(|lost| lost.identity() != duct.identity());
        }
    }
}

/// What came of calling a handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A clause applied (or failed).
    Applied,
    /// No clause did.
    Skipped,
    /// There is nobody to call.
    Gone,
}

pub(crate) struct Processes {
    table: Slots<Entry, 0>,
    by_pid: Map<Pid, u32>,
    next_pid: u64,
    pub(crate) queue: Queue,
    /// The VMs around this level, from the outside, this VM included; empty at the ground.
    pub(crate) path: Arc<[Pid]>,
    pub(crate) site: Arc<Site>,
    /// Who waits for answers from processes that have ended.
    pub(crate) waiting: Vec<Waiting>,
}

impl Processes {
    pub(crate) fn new(path: Arc<[Pid]>, site: Arc<Site>, limit: usize) -> Self {
        let queue = Queue::new(limit);
        Self {
            table: Slots::new(),
            by_pid: Map::default(),
            next_pid: 0,
            queue,
            path,
            site,
            waiting: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_pid.len()
    }

    pub(crate) fn new_pid(&mut self) -> Pid {
        let pid = Pid(self.next_pid);
        self.next_pid += 1;
        pid
    }

    pub(crate) fn find(&self, pid: Pid) -> Option<u32> {
        self.by_pid.get(&pid).copied()
    }

    pub(crate) fn pids(&self) -> impl Iterator<Item = Pid> {
        self.by_pid.keys().copied()
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> Option<&Entry> {
        self.table.get(slot)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut Entry> {
        self.table.get_mut(slot)
    }

    /// Whether the process is a VM.
    pub(crate) fn is_vm(&mut self, slot: u32) -> bool {
        self.table.get_mut(slot).is_some_and(|entry| entry.body.as_any().is::<Process<Vm>>())
    }

    /// Whether the process that asked for this still lives (the host always does).
    #[inline]
    pub(crate) fn is_live(&self, pending: &Pending) -> bool {
        pending.slot == HOST || self.table.get(pending.slot).is_some_and(|entry| entry.pid == pending.pid)
    }

    /// Puts a process that has booted into the table; its actions are still to be queued.
    pub(crate) fn insert(&mut self, pid: Pid, name: Option<Value>, mut body: Box<dyn ErasedProcess>) -> u32 {
        // What processes in a VM give goes through its actions.
        let ducts = body.as_any().is::<Process<Vm>>().then(Box::default);
        let slot = self.table.insert(Entry {
            pid,
            names: name.map(|name| Box::new(Names { own: Some(name), ..Names::default() })),
            last_endpoint: NONE,
            queued: 0,
            starting: 0,
            awaited: 0,
            ducts,
            deaf: false,
            body,
        });
        self.by_pid.insert(pid, slot);
        slot
    }

    /// A process is new: says whether who made it may have given it a duct.
    pub(crate) fn note_ducts(&mut self, slot: u32) -> bool {
        let touched = duct::was_touched();
        if touched && let Some(entry) = self.table.get_mut(slot) {
            entry.ducts.get_or_insert_default();
        }
        touched
    }

    /// Queues the first actions of a process.
    pub(crate) fn start(
        &mut self,
        slot: u32,
        turn: u64,
        actions: SmallVec<[Work; 2]>,
        context: &mut Context,
    ) {
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        let mut lane = Lane { queue: &mut self.queue, slot, pid: entry.pid, turn };
        if let Err(limit) = lane.room_for(actions.len()) {
            let full = Reason::error(crate::error::VmError::QueueFull { limit });
            let _ = door::dispose_each(actions);
            return self.fail_between_turns(slot, full, turn, context);
        }
        entry.queued += actions.len() as u32;
        entry.starting = entry.queued;
        if actions.iter().any(Work::is_of_ducts) {
            entry.ducts.get_or_insert_default();
        }
        let at = lane.queue.end();
        actions.into_iter().for_each(|work| lane.push(work));
        if context.recorder.is_on() {
            context.recorder.produced(turn, self.queue.since(at));
        }
    }

    /// Calls a boot. The new process is not in the table yet.
    pub(crate) fn boot(
        &self,
        pid: Pid,
        name: Option<&Value>,
        cause: u64,
        context: &mut Context,
        boot: Boot,
    ) -> (u64, Result<Booted, Reason>) {
        let turn = door::fresh_number();
        let (stamp, cause_turn) = (context.tick(turn), context.turn_behind(cause));
        let outside = Outside { path: &self.path, site: &self.site, name };
        let booted = context.turn(turn, cause, |context| boot(pid, &outside, context));
        if context.recorder.is_on() {
            let outcome = match &booted {
                Ok(booted) => TurnOutcome::Done { actions: booted.actions.len() },
                Err(reason) => TurnOutcome::Failed(reason.clone()),
            };
            context.recorder.turn(Taken {
                vm: &self.path,
                pid,
                name,
                id: turn,
                cause,
                cause_turn,
                stamp,
                heard: (Heard::Boot, Duct::EMPTY),
                outcome,
                snapshot: None,
            });
        }
        (turn, booted)
    }

    /// Lets a process take a turn. What it asks for is queued; if it fails, its quit is. `None` when there is nobody, or it failed.
    #[inline]
    pub(crate) fn turn<R>(
        &mut self,
        slot: u32,
        cause: u64,
        context: &mut Context,
        heard: impl FnOnce() -> (Heard, Duct),
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>, &mut Context) -> Result<R, Failed>,
    ) -> Option<Result<R, ()>> {
        let entry = self.table.get_mut(slot).filter(|entry| !entry.deaf)?;
        if context.recorder.is_on() {
            return Some(self.recorded_turn(slot, cause, context, heard, work));
        }
        let turn = door::fresh_number();
        context.tick(turn);
        let result = context.turn(turn, cause, |context| {
            entry.turn(&mut self.queue, slot, turn, |body, lane| work(body, lane, context))
        });
        match result {
            Ok(done) => Some(Ok(done)),
            Err(reason) => {
                self.fail(slot, *reason, turn);
                Some(Err(()))
            }
        }
    }

    /// The same, while somebody looks on.
    #[inline(never)]
    fn recorded_turn<R>(
        &mut self,
        slot: u32,
        cause: u64,
        context: &mut Context,
        heard: impl FnOnce() -> (Heard, Duct),
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>, &mut Context) -> Result<R, Failed>,
    ) -> Result<R, ()> {
        let Some(entry) = self.table.get_mut(slot) else { unreachable!("whose turn it is, is there") };
        let (before, at) = (self.queue.len(), self.queue.end());
        let turn = door::fresh_number();
        let stamp = context.tick(turn);
        let snapshot = if context.recorder.log.is_on() { entry.body.snapshot() } else { None };
        let cause_turn = context.turn_behind(cause);
        let result = context.turn(turn, cause, |context| {
            entry.turn(&mut self.queue, slot, turn, |body, lane| work(body, lane, context))
        });
        let actions = self.queue.len() - before;
        let pid = entry.pid;
        let outcome = match &result {
            Ok(_) => TurnOutcome::Done { actions },
            Err(reason) => TurnOutcome::Failed((**reason).clone()),
        };
        let (vm, name) = (&self.path, entry.name());
        let heard = heard();
        context.recorder.turn(Taken {
            vm,
            pid,
            name,
            id: turn,
            cause,
            cause_turn,
            stamp,
            heard,
            outcome,
            snapshot,
        });
        let result = result.map_err(|reason| self.fail(slot, *reason, turn));
        context.recorder.produced(turn, self.queue.since(at));
        result
    }

    /// Tells an endpoint.
    #[inline]
    pub(crate) fn hear(
        &mut self,
        slot: u32,
        handler: u32,
        event: &Event<'_>,
        cause: u64,
        context: &mut Context,
    ) -> Answer {
        let heard = || heard(event);
        match self
            .turn(slot, cause, context, heard, |body, lane, context| body.hear(handler, event, lane, context))
        {
            Some(Ok(true)) => Answer::Applied,
            Some(Err(())) => {
                if let Some(entry) = self.table.get_mut(slot) {
                    entry.lose(event.duct());
                }
                Answer::Applied
            }
            Some(Ok(false)) => Answer::Skipped,
            None => Answer::Gone,
        }
    }

    /// Lets the kernel's own code work on a process, between its turns.
    pub(crate) fn visit(
        &mut self,
        slot: u32,
        turn: u64,
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>),
    ) {
        let before = self.queue.len();
        let Some(entry) = self.table.get_mut(slot) else { return };
        let mut lane = Lane { queue: &mut self.queue, slot, pid: entry.pid, turn };
        work(&mut *entry.body, &mut lane);
        entry.queued += (self.queue.len() - before) as u32;
    }

    /// The process has failed: none of its code runs again; what it asked for before is performed, then its quit.
    pub(crate) fn fail(&mut self, slot: u32, reason: Reason, cause: u64) {
        let Some(entry) = self.table.get_mut(slot).filter(|entry| !entry.deaf) else {
            return;
        };
        entry.deaf = true;
        // If the state's destructor panics too, the first failure is still the reason.
        let (_, lost) = duct::letting_go(|| entry.body.release_state());
        lost.iter().for_each(|duct| entry.lose(duct));
        entry.queued += 1;
        let id = door::fresh_number();
        let work = Work::Quit(None, Ending::because(reason));
        self.queue.push_back(Pending { work, slot, pid: entry.pid, id, cause });
    }

    /// The same, between its turns: because of an action that is being performed, or of the turn of a VM around.
    pub(crate) fn fail_between_turns(
        &mut self,
        slot: u32,
        reason: Reason,
        cause: u64,
        context: &mut Context,
    ) {
        let at = self.queue.end();
        self.fail(slot, reason, cause);
        if context.recorder.is_on()
            && let Some(quits) = self.queue.since(at).next()
        {
            let turn = context.turn_behind(cause);
            context.recorder.failed(&self.path, quits, cause, turn);
        }
    }

    /// A process that still listens, and the queue.
    pub(crate) fn entry_and_queue(&mut self, slot: u32) -> Option<(&mut Entry, &mut Queue)> {
        let entry = self.table.get_mut(slot).filter(|entry| !entry.deaf)?;
        Some((entry, &mut self.queue))
    }

    /// A process, and where this VM stands.
    #[allow(clippy::type_complexity, reason = "three things of one table, borrowed together")]
    pub(crate) fn entry_and_place(&mut self, slot: u32) -> Option<(&mut Entry, &Arc<[Pid]>, &Arc<Site>)> {
        Some((self.table.get_mut(slot)?, &self.path, &self.site))
    }

    /// So many actions of the process have joined the queue.
    pub(crate) fn queued(&mut self, slot: u32, actions: usize) {
        if let Some(entry) = self.table.get_mut(slot) {
            entry.queued += actions as u32;
        }
    }

    /// Takes the front action from the queue. Those of processes that are gone are nothing.
    #[inline]
    pub(crate) fn take_front(&mut self) -> Option<Pending> {
        loop {
            let pending = self.queue.pop_front()?;
            match self.table.get_mut(pending.slot) {
                Some(entry) if entry.pid == pending.pid => {
                    entry.queued -= 1;
                    entry.starting = entry.starting.saturating_sub(1);
                }
                _ if pending.slot == HOST => {}
                _ => {
                    // Its destructors can fail nobody any more.
                    let _ = door::dispose(pending);
                    continue;
                }
            }
            self.queue.settle(1);
            return Some(pending);
        }
    }

    /// The action goes back to the front of the queue.
    pub(crate) fn put_back(&mut self, pending: Pending) {
        if let Some(entry) = self.table.get_mut(pending.slot) {
            entry.queued += 1;
        }
        self.queue.put_back(pending);
    }

    /// Takes a process out of the table, for this reason; its queued actions are nothing from now on.
    pub(crate) fn remove(&mut self, slot: u32, reason: &Reason) {
        let Some(mut entry) = self.table.remove(slot) else {
            return;
        };
        self.by_pid.remove(&entry.pid);
        let (queued, mut lost) = duct::letting_go(|| {
            let mut queued = entry.queued;
            if entry.ducts.is_some() {
                // Answers in the queue are not going to be given either.
                self.queue.forget(slot, entry.pid);
                queued = 0;
            }
            queued
        });
        if let Some(ducts) = &mut entry.ducts {
            lost.append(&mut ducts.lost);
        }
        self.queue.settle(queued as usize);
        // The process has ended: its destructors can fail nobody any more.
        let (_, more) = duct::letting_go(|| door::dispose(entry));
        lost.extend(more);
        self.wait(lost, reason);
    }

    /// A process has ended and let go of these ducts.
    pub(crate) fn wait(&mut self, lost: Vec<Duct>, reason: &Reason) {
        if lost.is_empty() {
            return;
        }
        let mut known: HashSet<_> = self.waiting.iter().map(|waiting| waiting.duct.identity()).collect();
        for duct in lost {
            if known.insert(duct.identity()) {
                self.waiting.push(Waiting { duct, reason: reason.clone() });
            }
        }
    }

    /// Drops a process to which nothing can happen any more.
    #[inline]
    pub(crate) fn collect(&mut self, slot: u32, context: &mut Context) {
        if self.table.get(slot).is_some_and(Entry::is_garbage) {
            if context.recorder.is_on()
                && let Some(entry) = self.table.get(slot)
            {
                context.recorder.dropped(&self.path, entry.pid);
            }
            self.remove(slot, &Reason::Normal);
        }
    }

    /// Notes that a process has ended, for the host and the record.
    pub(crate) fn note_exit(&self, pid: Pid, name: Option<Value>, reason: &Reason, context: &mut Context) {
        if context.recorder.is_on() {
            context.recorder.exit(&self.path, pid, reason);
        }
        context.exits.push(Exit { vm: self.path.clone(), pid, name, reason: reason.clone() });
    }
}

/// What a process hears, and the duct on which it may answer: for the record.
pub(crate) fn heard(event: &Event<'_>) -> (Heard, Duct) {
    (Heard::from(event), event.duct().shown())
}

impl Drop for Processes {
    /// Each process goes through the door by itself, so that a failing destructor harms no other.
    fn drop(&mut self) {
        self.queue.clear();
        let mut pids: Vec<_> = self.by_pid.iter().map(|(pid, slot)| (*pid, *slot)).collect();
        pids.sort_unstable();
        for (_, slot) in pids {
            if let Some(entry) = self.table.remove(slot) {
                let _ = door::dispose(entry);
            }
        }
    }
}
