//! How a process begins, and how it takes a turn.

use crate::conversation::duct::Duct;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Mark;
use crate::data::door;
use crate::data::few::Few;
use crate::data::numbers::{ActionId, Cause, TurnId};
use crate::data::reason::{Failed, Reason};
use crate::network::owner::{HandlerSlot, ProcessSlot};
use crate::process::action::{Act, Outside, SpawnSpec, Stored};
use crate::process::error::VmError;
use crate::process::queue::{Lane, Queue, Work};
use crate::process::{Booted, Clause, Context, ErasedProcess};
use crate::record::recorder::Taken;
use crate::record::trace::{Heard, TurnOutcome};
use crate::record::watched::SlowTurn;
use crate::vm::ledger::letting_go;
use crate::vm::processes::Processes;

/// The result of calling a handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// No clause applied.
    Skipped,
    /// A clause applied (or failed).
    Applied,
    /// The process is gone, or has failed.
    Gone,
}

/// Whether a turn ended by a panic. Then the time that it took is most likely that of printing a
/// backtrace, and not of what its code does.
pub(crate) const fn is_panic(reason: &Reason) -> bool {
    matches!(reason, Reason::Panic(_))
}

impl Processes {
    /// Queues the first actions of a process.
    // In line, as `boot` is, and `insert`: a spawn takes 100 instructions more otherwise.
    #[inline(always)]
    pub(crate) fn start(
        &mut self,
        slot: ProcessSlot,
        turn: TurnId,
        actions: Few<Work>,
        context: &mut Context,
    ) {
        let Some(entry) = self.table.get_mut(slot) else {
            unreachable!("a process is put into the table before it starts")
        };
        let mut lane = Lane { queue: &mut self.queue, slot, pid: entry.pid, cause: turn.into() };
        // Most processes begin with one action: a spawn takes 40 instructions less.
        let actions = match actions {
            Few::One(Work::Act(act)) if is_easy(&act, lane.queue, context) => {
                lane.push_sized(Work::Act(act), 0);
                entry.queued += 1;
                entry.starting = entry.queued;
                return;
            }
            actions => actions,
        };
        if let Err(full) = lane.places_for(actions.len()) {
            let mark = Mark::set();
            let (_, let_go) = letting_go(|| door::dispose_each(actions.into_vec()));
            mark.blame(&full);
            entry.lose_all(let_go);
            return self.fail_between_turns(slot, *full, turn.into(), context);
        }
        let (at, room) = (lane.queue.end(), lane.queue.room);
        actions.each(|work| {
            if let Work::Act(act) = &work
                && act.is_of_ducts()
            {
                entry.open_account();
            }
            lane.push(work);
        });
        if lane.is_too_much(room) {
            let mark = Mark::set();
            let (full, let_go) = letting_go(|| lane.take_back(at));
            mark.blame(&full);
            entry.lose_all(let_go);
            return self.fail_between_turns(slot, *full, turn.into(), context);
        }
        entry.queued += (lane.queue.end() - at) as u32;
        entry.starting = entry.queued;
        if context.recorder.is_on() {
            context.recorder.produced(turn, self.queue.since(at));
        }
    }

    /// Calls a boot, in this turn, which has begun. The new process is not in the table yet. If it
    /// fails, the caller has to note its [fault](Processes::note_failed_boot).
    // The caller, because what has booted is large, and would be moved once more.
    #[inline(always)]
    pub(crate) fn boot(
        &mut self,
        pid: Pid,
        spec: &mut SpawnSpec,
        (turn, cause): (TurnId, Cause),
        context: &mut Context,
    ) -> Result<Booted, Reason> {
        match context.recorder.is_on() || context.recorder.watched.is_some() {
            false => self.call_boot(pid, spec, (turn, cause), context),
            true => self.recorded_boot(pid, spec, (turn, cause), context),
        }
    }

    /// Notes that a boot has failed.
    pub(crate) fn note_failed_boot(&mut self, pid: Pid, reason: &Reason, cause: Cause, context: &Context) {
        self.note_fault(pid, Some(Heard::Boot), reason, cause, context);
    }

    #[inline(always)]
    fn call_boot(
        &self,
        pid: Pid,
        SpawnSpec { name, called, only, boot, .. }: &mut SpawnSpec,
        (turn, cause): (TurnId, Cause),
        context: &mut Context,
    ) -> Result<Booted, Reason> {
        let outside = Outside { path: &self.path, site: &self.site, name: name.as_ref(), called: *called };
        match *only {
            Some(kind) if self.has(kind) => Err(Reason::error(VmError::AlreadyThere { kind })),
            _ => context.turn(turn, cause, |context| boot.boot(pid, &outside, context)),
        }
    }

    /// Calls a boot while somebody looks on, or watches.
    #[inline(never)]
    fn recorded_boot(
        &mut self,
        pid: Pid,
        spec: &mut SpawnSpec,
        (turn, cause): (TurnId, Cause),
        context: &mut Context,
    ) -> Result<Booted, Reason> {
        let (stamp, cause_turn) = (context.stamp, context.turn_behind(cause));
        let called = spec.called;
        if let Some(watched) = &mut context.recorder.watched {
            watched.know(&self.path, &self.site, called);
            watched.begins(turn, pid, &self.site, called);
        }
        let booted = self.call_boot(pid, spec, (turn, cause), context);
        let name = spec.name.as_ref();
        if context.recorder.ends(turn) && !booted.as_ref().is_err_and(is_panic) {
            let process = self.site.path_of(pid, name, called);
            self.note_slow(turn, pid, process, Heard::Boot, cause, context);
        }
        if context.recorder.is_on() {
            let outcome = match &booted {
                Ok(booted) => TurnOutcome::Done { actions: booted.actions.len() },
                Err(reason) => TurnOutcome::Failed(reason.clone()),
            };
            context.recorder.turn(Taken {
                vm: &self.path,
                pid,
                name,
                called,
                id: turn,
                cause,
                cause_turn,
                stamp,
                heard: (Heard::Boot, Duct::EMPTY),
                outcome,
                snapshot: None,
            });
        }
        booted
    }

    /// Lets a process take a turn. Its actions are queued; if it fails, its quit is. `None` when
    /// the process is gone, or has failed.
    // In line, whatever is done in the turn: a round of a send, its answer and a `when` takes
    // 70 instructions more otherwise, of 2,090.
    #[inline(always)]
    pub(crate) fn turn<R>(
        &mut self,
        slot: ProcessSlot,
        cause: Cause,
        context: &mut Context,
        heard: impl FnOnce() -> (Heard, Duct),
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>, &mut Context) -> Result<R, Failed>,
    ) -> Option<Result<R, ()>> {
        let entry = self.table.get_mut(slot).filter(|entry| !entry.deaf)?;
        if context.recorder.is_on() {
            return Some(self.recorded_turn(slot, cause, context, heard, work));
        }
        let turn = context.begin_turn();
        context.recorder.begins(turn, entry.pid, &self.site, || entry.body.called());
        let outer = (context.turn, context.cause);
        (context.turn, context.cause) = (turn, cause);
        let result = entry.turn(&mut self.queue, slot, turn, |body, lane| work(body, lane, context));
        (context.turn, context.cause) = outer;
        if context.recorder.ends(turn) {
            return Some(self.slow_turn(slot, result, turn, cause, heard, context));
        }
        match result {
            Ok(done) => Some(Ok(done)),
            Err(reason) => {
                self.fail_at(slot, *reason, turn, cause, heard, context);
                Some(Err(()))
            }
        }
    }

    /// The turn is over, and took long.
    #[cold]
    #[inline(never)]
    fn slow_turn<R>(
        &mut self,
        slot: ProcessSlot,
        result: Result<R, Failed>,
        turn: TurnId,
        cause: Cause,
        heard: impl FnOnce() -> (Heard, Duct),
        context: &mut Context,
    ) -> Result<R, ()> {
        let heard = heard();
        if !result.as_ref().is_err_and(|reason| is_panic(reason)) {
            self.note_slow_at(slot, turn, &heard.0, cause, context);
        }
        result.map_err(|reason| self.fail_at(slot, *reason, turn, cause, || heard, context))
    }

    /// The process has failed in this turn, in which it was told of its cause.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail_at(
        &mut self,
        slot: ProcessSlot,
        reason: Reason,
        turn: TurnId,
        cause: Cause,
        heard: impl FnOnce() -> (Heard, Duct),
        context: &Context,
    ) {
        let (heard, _) = heard();
        if let Some(pid) = self.get(slot).map(|entry| entry.pid) {
            self.note_fault(pid, Some(heard.clone()), &reason, cause, context);
        }
        self.fail_in_turn(slot, reason, turn, &heard);
    }

    /// The turn of a process, in which it was told of the cause, took long.
    #[cold]
    pub(crate) fn note_slow_at(
        &self,
        slot: ProcessSlot,
        turn: TurnId,
        heard: &Heard,
        cause: Cause,
        context: &mut Context,
    ) {
        if let Some(entry) = self.get(slot) {
            self.note_slow(turn, entry.pid, self.path_to(slot), heard.clone(), cause, context);
        }
    }

    /// Notes that a turn took long. The host is told before anything else is performed.
    #[cold]
    fn note_slow(
        &self,
        turn: TurnId,
        pid: Pid,
        process: String,
        heard: Heard,
        cause: Cause,
        context: &mut Context,
    ) {
        let from = self.from(cause, context);
        context.slow.push(SlowTurn { id: turn.number(), vm: self.path.clone(), pid, process, heard, from });
        context.cut += std::mem::take(&mut context.budget);
    }

    /// The turn, while somebody looks on.
    #[inline(never)]
    fn recorded_turn<R>(
        &mut self,
        slot: ProcessSlot,
        cause: Cause,
        context: &mut Context,
        heard: impl FnOnce() -> (Heard, Duct),
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>, &mut Context) -> Result<R, Failed>,
    ) -> Result<R, ()> {
        let Some(entry) = self.table.get_mut(slot) else { unreachable!("whose turn it is, is there") };
        let at = self.queue.end();
        let turn = context.begin_turn();
        let stamp = context.stamp;
        let snapshot = if context.recorder.log.is_on() { entry.snapshot() } else { None };
        let cause_turn = context.turn_behind(cause);
        context.recorder.begins(turn, entry.pid, &self.site, || entry.body.called());
        self.queue.note_waits();
        let result = context.turn(turn, cause, |context| {
            entry.turn(&mut self.queue, slot, turn, |body, lane| work(body, lane, context))
        });
        let waits = self.queue.take_waits();
        let is_slow = context.recorder.ends(turn);
        let actions = self.queue.end() - at;
        let pid = entry.pid;
        let outcome = match &result {
            Ok(_) => TurnOutcome::Done { actions },
            Err(reason) => TurnOutcome::Failed((**reason).clone()),
        };
        let (vm, name, called) = (&self.path, entry.name().cloned(), entry.body.called());
        let name = name.as_ref();
        let waits = if result.is_ok() { waits } else { Vec::new() };
        let heard = heard();
        let told = (is_slow || result.is_err()).then(|| heard.0.clone());
        context.recorder.turn(Taken {
            vm,
            pid,
            name,
            called,
            id: turn,
            cause,
            cause_turn,
            stamp,
            heard,
            outcome,
            snapshot,
        });
        self.gather();
        if is_slow
            && !result.as_ref().is_err_and(|reason| is_panic(reason))
            && let Some(told) = &told
        {
            self.note_slow_at(slot, turn, told, cause, context);
        }
        let result = result.map_err(|reason| {
            let Some(told) = told else { unreachable!("it is told, since the turn failed") };
            self.note_fault(pid, Some(told.clone()), &reason, cause, context);
            self.fail_in_turn(slot, *reason, turn, &told);
        });
        context.recorder.waits(&self.path, (name, called), turn, &waits);
        context.recorder.produced(turn, self.queue.since(at));
        result
    }

    /// Tells an endpoint of an event. Whether a clause applies does not matter.
    // Apart from `hear`: a delivery takes 8 instructions more otherwise.
    #[inline(never)]
    pub(crate) fn notify(
        &mut self,
        slot: ProcessSlot,
        handler: HandlerSlot,
        event: &Event<'_>,
        action: ActionId,
        context: &mut Context,
    ) {
        let heard = || heard(event);
        let answer = self.turn(slot, action.into(), context, heard, |body, lane, context| {
            body.hear(handler, event, lane, context)
        });
        #[cfg(debug_assertions)]
        if event.body().is_some() {
            context.telling.last = answer.map(|clause| clause.unwrap_or(Clause::Applied));
        }
        if let Some(Err(())) = answer
            && let Some(entry) = self.table.get_mut(slot)
        {
            entry.lose(event.duct());
        }
    }

    /// Tells an endpoint of an event.
    #[inline]
    pub(crate) fn hear(
        &mut self,
        slot: ProcessSlot,
        handler: HandlerSlot,
        event: &Event<'_>,
        action: ActionId,
        context: &mut Context,
    ) -> Answer {
        let heard = || heard(event);
        let answer = self.turn(slot, action.into(), context, heard, |body, lane, context| {
            body.hear(handler, event, lane, context)
        });
        match answer {
            Some(Ok(Clause::Applied)) => Answer::Applied,
            Some(Ok(Clause::Skipped)) => Answer::Skipped,
            Some(Err(())) => {
                if let Some(entry) = self.table.get_mut(slot) {
                    entry.lose(event.duct());
                }
                Answer::Applied
            }
            None => Answer::Gone,
        }
    }

    /// A turn in which no clause applies, as its endpoint does not heed the event: it takes its
    /// number and nothing else. While somebody looks on, the handler is called all the same, so
    /// that the turn is shown as any other. Says whether the turn is over.
    #[inline]
    pub(crate) fn passes_by(&self, slot: ProcessSlot, heeds: bool, context: &mut Context) -> bool {
        if heeds || context.recorder.is_on() {
            return false;
        }
        if self.table.get(slot).is_some_and(|entry| !entry.deaf) {
            context.begin_turn();
        }
        true
    }

    /// Lets the kernel's own code work on a process, between its turns.
    pub(crate) fn visit(
        &mut self,
        slot: ProcessSlot,
        cause: Cause,
        work: impl FnOnce(&mut dyn ErasedProcess, &mut Lane<'_>),
    ) {
        let before = self.queue.end();
        let Some(entry) = self.table.get_mut(slot) else { unreachable!("the process was found") };
        let mut lane = Lane { queue: &mut self.queue, slot, pid: entry.pid, cause };
        work(&mut *entry.body, &mut lane);
        entry.queued += (self.queue.end() - before) as u32;
    }
}

/// Whether this first action of a process needs nothing but a place in the queue, which is there.
#[inline]
fn is_easy(act: &Act<Stored>, queue: &Queue, context: &Context) -> bool {
    matches!(act, Act::Add(..) | Act::Spawn(..)) && queue.has_place(0) && !context.recorder.is_on()
}

/// The event that a process hears, and the duct on which it may answer: for the record.
pub(crate) fn heard(event: &Event<'_>) -> (Heard, Duct) {
    (Heard::from(event), event.duct().seen())
}
