//! A virtual machine: processes, their network, and one queue of actions.

mod add_endpoint;
mod at_meta_level;
mod delete_endpoint;
pub(crate) mod dump;
#[cfg(debug_assertions)]
mod find_misnamed;
#[cfg(debug_assertions)]
mod find_missed;
#[cfg(debug_assertions)]
mod find_never_met;
#[cfg(debug_assertions)]
mod find_twins;
mod find_unmet;
#[cfg(debug_assertions)]
mod find_untaken;
mod give;
pub(crate) mod ledger;
pub(crate) mod nested;
mod pass;
mod present;
pub(crate) mod processes;
mod promises;
mod quit;
mod refuse;
mod resume;
mod send_message;
mod shutdown;
mod spawn;

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::conversation::called::Called;
use crate::conversation::duct::{Site, hand_on, settle};
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Mark;
use crate::conversation::role::Orientation;
use crate::data::contained::{self, Noted};
use crate::data::door;
use crate::data::numbers::{ActionId, Counter, TurnId};
use crate::data::reason::Reason;
use crate::data::slots::{Slot, SlotWord};
use crate::data::value::Value;
use crate::network::endpoint::Network;
use crate::network::index::IndexEntry;
use crate::network::owner::{Owner, ProcessSlot};
use crate::process::Context;
use crate::process::action::{Act, Ending, Relayed, SpawnSpec, Stored};
use crate::process::limits::Limits;
use crate::process::queue::{HOST, Lane, Pending, Work};
use crate::record::trace::Performed;
use crate::vm::ledger::letting_go;
use crate::vm::pass::Early;
use crate::vm::processes::Processes;
use crate::vm::resume::Resumption;

/// A virtual machine: a scheduler, a private network and a process table.
///
/// It performs one action at a time, the front one of its queue, with every handler that the action
/// triggers. It does no I/O and knows no clock. Actions of its processes for the level outside wait
/// for the container: a VM, for which this VM is a process like any other, or (for the outermost
/// one) a [`GroundVm`](crate::GroundVm).
pub struct Vm {
    pub(crate) processes: Processes,
    pub(crate) network: Network,
    /// The actions of its processes for the container, in order.
    pub(crate) outbox: VecDeque<Relayed<Self>>,
    /// The messages that were passed to processes that have not started yet.
    early: Vec<Early>,
    /// It holds a place in the queue of its container.
    pub(crate) placed: bool,
    /// Its turn in the container has begun: it covers the actions with lower numbers.
    pub(crate) turn_end: Option<Counter>,
    /// The front of its queue is the place of what waits at a promise, which has begun to drain.
    drains: bool,
    /// One of its processes ended it: nothing in it runs any more.
    pub(crate) stopped: bool,
    #[cfg(debug_assertions)]
    labels: find_twins::Labels,
    #[cfg(debug_assertions)]
    names: find_misnamed::EndpointNames,
    #[cfg(debug_assertions)]
    kinds: find_missed::Kinds,
    #[cfg(debug_assertions)]
    untaken: find_untaken::Untaken,
}

impl Drop for Vm {
    /// Each action that is on its way out goes through the door by itself.
    fn drop(&mut self) {
        if self.processes.path.is_empty() {
            self.processes.site.close();
        }
        self.outbox.iter().for_each(Relayed::lose);
        let _ = door::dispose_each(self.outbox.drain(..));
    }
}

/// The counts of a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Processes alive.
    pub processes: usize,
    /// Endpoints in the VM's own network.
    pub endpoints: usize,
    /// Actions that wait to be performed.
    pub queued: usize,
    /// Bytes of the values that wait in the queue, as [`Limits::queued_bytes`] counts them.
    pub queued_bytes: usize,
    /// Errors of objects that no promise took, and reasons of broken promises of which nobody
    /// heard, in the whole tower.
    pub unheard_errors: u64,
}

/// The counts of a VM's objects and promises. They are counted when somebody asks, by a look at
/// everything that waits: that takes the longer, the more there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectStats {
    /// Objects that somebody has, in the VM's own processes.
    pub objects: usize,
    /// Promises that are not settled, and objects that are not there yet, as far as the VM sees
    /// them: see [`Dump::promise_count`](crate::Dump::promise_count).
    pub promises: usize,
    /// Messages to objects among the actions that wait.
    pub deliveries: usize,
}

impl Vm {
    pub(crate) fn new(site: Arc<Site>, limits: Limits) -> Self {
        Self {
            processes: Processes::new(site, limits),
            network: Network::new(),
            outbox: VecDeque::new(),
            early: Vec::new(),
            placed: false,
            turn_end: None,
            drains: false,
            stopped: false,
            #[cfg(debug_assertions)]
            labels: find_twins::Labels::default(),
            #[cfg(debug_assertions)]
            names: find_misnamed::EndpointNames::default(),
            #[cfg(debug_assertions)]
            kinds: find_missed::Kinds::default(),
            #[cfg(debug_assertions)]
            untaken: find_untaken::Untaken::default(),
        }
    }

    /// Makes the boot process.
    pub(crate) fn boot(&mut self, mut spec: Box<SpawnSpec>, context: &mut Context) -> Result<(), Reason> {
        self.processes.room_for_process().map_err(Reason::error)?;
        let pid = self.processes.new_pid();
        let turns = (context.begin_turn(), context.turn.into());
        let mark = Mark::set();
        let (booted, let_go) = letting_go(|| self.processes.boot(pid, &mut spec, turns, context));
        // If the boot fails, the VM ends.
        let booted = match booted {
            Ok(booted) => {
                settle(let_go);
                booted
            }
            Err(reason) => {
                self.processes.note_failed_boot(pid, &reason, turns.1, context);
                mark.blame(&reason);
                hand_on(let_go.into_iter().flatten());
                return Err(reason);
            }
        };
        let slot = self.processes.insert(pid, None, booted.body);
        if self.processes.inherit(slot) {
            self.processes.bequeath(slot, context);
        }
        self.processes.start(slot, turns.0, booted.actions, context);
        self.processes.collect(slot, context);
        Ok(())
    }

    /// The counts of this VM; nested VMs count as one process each.
    #[must_use]
    pub(crate) fn stats(&self, context: &Context) -> Stats {
        Stats {
            processes: self.processes.len(),
            endpoints: self.network.len(),
            queued: self.processes.queue.len(),
            queued_bytes: self.processes.queue.bytes(),
            unheard_errors: context.unheard_errors,
        }
    }

    pub(crate) fn object_stats(&self) -> ObjectStats {
        ObjectStats {
            objects: self.object_count(),
            promises: self.promise_count(),
            deliveries: self.deliveries(),
        }
    }

    /// The endpoints of a process, in creation order.
    pub(crate) fn endpoints_of(&self, process: ProcessSlot) -> SmallVec<[IndexEntry; 4]> {
        let last = self.processes.get(process).map_or(Slot::NONE, |entry| entry.last_endpoint);
        let mut endpoints: SmallVec<[IndexEntry; 4]> = self.network.linked(last).collect();
        // The list begins with the last one.
        endpoints.reverse();
        endpoints
    }

    /// The number of the action that is performed next.
    pub(crate) fn front(&mut self) -> Option<ActionId> {
        loop {
            let pending = self.processes.queue.front()?;
            if self.processes.is_live(pending) {
                return Some(pending.id);
            }
            self.processes.queue.drop_orphan();
        }
    }

    /// Performs the front action with every handler that it triggers: an innermost one, if the
    /// front is a nested VM's place. Says whether there was one.
    // A step and the `match` on the action are one piece of code, and sending, which most actions
    // do, is another: ping-pong takes 3 % more otherwise. How much more depends on the rest of the
    // crate.
    #[inline(always)]
    pub(crate) fn step(&mut self, context: &mut Context) -> bool {
        let Some((slot, pid)) = self.processes.begin_front() else { return false };
        self.perform_front(context);
        if contained::noted() != Noted::NOTHING {
            self.deal_with(slot, pid, context);
        }
        // Each of these deals with all that happens besides: ping-pong pays nothing.
        if self.collect(slot, pid, context) {
            self.deal_with_rest(slot, pid, context);
        }
        if !self.early.is_empty() {
            self.deliver_early(slot, pid, context);
        }
        if !self.processes.ledger.is_clear() {
            self.tell_in_step(slot, pid, context);
        }
        true
    }

    #[cold]
    #[inline(never)]
    fn tell_in_step(&mut self, slot: ProcessSlot, pid: Pid, context: &mut Context) {
        self.tell_waiting(context);
        self.deal_with_rest(slot, pid, context);
    }

    /// Deals with what has happened since the action was performed: what fell with a process that
    /// went, or in the turns of those who were told.
    #[cold]
    #[inline(never)]
    fn deal_with_rest(&mut self, slot: ProcessSlot, pid: Pid, context: &mut Context) {
        while contained::noted() != Noted::NOTHING {
            self.deal_with(slot, pid, context);
            self.tell_waiting(context);
        }
    }

    /// Deals with what fell when no action is being performed, until nothing falls, and tells those
    /// who waited for that. If a destructor panicked meanwhile, no process is to blame for it.
    #[cold]
    #[inline(never)]
    pub(crate) fn deal_with_all_fallen(&mut self, context: &mut Context) {
        while contained::noted().has_fallen() {
            self.deal_with_fallen(context);
            self.tell_waiting(context);
        }
        drop(door::take_stray());
    }

    /// Deals with what happened besides in the step of this process.
    #[cold]
    #[inline(never)]
    fn deal_with(&mut self, slot: ProcessSlot, pid: Pid, context: &mut Context) {
        if let Some(reason) = door::take_stray()
            && self.processes.get(slot).is_some_and(|entry| entry.pid == pid)
        {
            self.processes.fail_between_turns(slot, reason, context.action.0.into(), context);
        }
        if contained::noted().has_fallen() {
            self.deal_with_fallen(context);
        }
    }

    /// Drops the process, if it is still there and nothing can happen to it any more. Says whether
    /// it did.
    #[inline]
    pub(crate) fn collect(&mut self, slot: ProcessSlot, pid: Pid, context: &mut Context) -> bool {
        self.processes.get(slot).is_some_and(|entry| entry.pid == pid)
            && self.processes.collect(slot, context)
    }

    /// Performs the front action, which has begun.
    // In line in a step: ping-pong takes 3 % more otherwise.
    #[inline(always)]
    pub(crate) fn perform_front(&mut self, context: &mut Context) {
        // The action is shown before it is taken apart: its parts are taken out one by one.
        let asked = if context.recorder.is_on() { Some(self.record_front(context)) } else { None };
        let Some(place) = self.processes.queue.pop_place() else {
            unreachable!("the front action has begun")
        };
        let &mut Pending { slot, pid, id, cause, .. } = place;
        context.action = (id, asked.unwrap_or_else(|| cause.as_turn()));
        // Most actions are messages. The body is taken from where it lies: with the parts of
        // others it would be moved twice more, which are 13 instructions of each message. It goes
        // word by word, as it does into the queue: that is 20 instructions more, and a message
        // between two processes takes 17 % less time.
        if let Work::Act(Act::Message(body)) = &mut place.work {
            let body = mem::replace(body, Value::UNIT).by_words();
            place.forget_work();
            context.budget = context.budget.saturating_sub(1);
            match self.network.sole_receiver(&body) {
                Some(receiver) => {
                    let event = Event::message(Orientation::Publisher, &body);
                    #[cfg(debug_assertions)]
                    self.look_for_missed(&body, Orientation::Publisher, true, context);
                    self.tell_message(receiver, &event, id, context);
                    #[cfg(debug_assertions)]
                    self.look_for_untaken(&body, Orientation::Publisher, context);
                }
                None => self.send_message(&body, Orientation::Publisher, id, context),
            }
            return body.retire();
        }
        // So are messages to objects and their answers, which are no more than a box: with the
        // parts of others they would take 30 instructions more.
        if let Work::Act(Act::Send(_)) = place.work {
            let Work::Act(Act::Send(sending)) = place.take_work() else { unreachable!("it was seen") };
            context.budget = context.budget.saturating_sub(1);
            return self.send(sending, id, context);
        }
        if let Work::Act(Act::Answer(_)) = place.work {
            let Work::Act(Act::Answer(answering)) = place.take_work() else { unreachable!("it was seen") };
            context.budget = context.budget.saturating_sub(1);
            return self.answer(answering, id, context);
        }
        if let Work::Resume(kept, begun) = place.work {
            place.forget_work();
            return self.resume(Resumption { slot, pid, kept: kept.slot(), begun, id, cause }, context);
        }
        context.budget = context.budget.saturating_sub(1);
        match place.take_work() {
            Work::Act(Act::Feedback(body)) => {
                self.send_message(&body, Orientation::Subscriber, id, context);
                body.retire();
            }
            Work::Act(Act::Add(spec, handler)) => {
                let owner = Owner { process: slot, handler: handler.slot() };
                self.add_endpoint(owner, spec, id, context);
            }
            Work::Act(Act::Delete(delete, done)) => {
                self.delete_endpoint(slot, &delete, id, context);
                if let Some(done) = done {
                    self.processes
                        .visit(slot, id.into(), |body, lane| body.deleted(done.slot(), lane, context));
                }
            }
            Work::Act(Act::Refuse(refusal)) => self.refuse(&refusal.0, &refusal.1, id, context),
            Work::Act(Act::Spawn(spec, parent)) => {
                self.spawn(slot, spec, parent.map(SlotWord::slot), id, context);
            }
            Work::Act(Act::Quit(who, ending)) => {
                let Ending { reason, instead } = ending.map_or_else(Ending::default, |ending| *ending);
                if let Some(duct) = instead
                    && let Some(entry) = self.processes.get_mut(slot)
                {
                    let ((), let_go) = letting_go(|| drop(duct));
                    entry.lose_all(let_go);
                }
                self.quit(slot, who, reason, id, context);
            }
            Work::Act(Act::Pass(passing)) => self.pass(slot, *passing, id, context),
            Work::Act(Act::Give(giving)) => self.give(slot, pid, *giving, id, context),
            Work::Act(Act::Deliver(sending)) => self.deliver_alone(sending, id, context),
            Work::Act(Act::Shutdown) => self.tell_shutdown(id, context),
            Work::Act(Act::MessageOut(body)) => self.leave(slot, Act::Message(body), id, context),
            Work::Act(Act::FeedbackOut(body)) => self.leave(slot, Act::Feedback(body), id, context),
            Work::Act(Act::Meta(act)) => self.at_meta_level(slot, *act, id, context),
            work @ (Work::Act(
                Act::Gather(_) | Act::Close(_) | Act::Wait(_) | Act::Drain(_) | Act::News(_) | Act::Fall(_),
            )
            | Work::When(_)
            | Work::Object(..)) => self.perform_for_object(slot, pid, work, id, context),
            Work::Act(Act::Message(_) | Act::Send(_) | Act::Answer(_)) | Work::Resume(..) => {
                unreachable!("these were taken above")
            }
            Work::Nothing => unreachable!("nothing waits in an empty place of the queue"),
        }
    }

    /// Says which turn asked for the front action.
    #[inline(never)]
    fn record_front(&mut self, context: &mut Context) -> TurnId {
        let slot = self.processes.queue.front().map_or(HOST, |pending| pending.slot);
        let is_vm = self.processes.is_vm(slot);
        let Some(pending) = self.processes.queue.front() else { unreachable!("the front action has begun") };
        let is_place = is_vm && matches!(pending.work, Work::Resume(..));
        let entry = self.processes.get(slot);
        let name = entry.and_then(|entry| entry.name());
        let called = entry.map_or(Called::NOTHING, |entry| entry.body.called());
        let instead = match pending.work {
            Work::When(kept) => entry.and_then(|entry| entry.body.awaits(kept.slot())).map(Performed::When),
            _ => self.deletes_nothing(slot, &pending.work),
        };
        context.recorder.performed(&self.processes.path, (name, called), is_place, pending, instead)
    }

    /// Stops the VM: from this step on nothing runs here any more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
        self.lose_queue();
    }

    /// Queues an action that the host asks for, because of an action of this turn (0: none). In a
    /// VM that has stopped nothing is performed any more.
    pub(crate) fn inject(&mut self, act: Act<Stored>, turn: TurnId) {
        if self.stopped {
            let _ = door::dispose(act);
            return;
        }
        let bytes = act.bytes();
        self.host_lane(turn).push_sized(Work::Act(act), bytes);
    }

    /// Queues a message of the host, with the number that it gets, if there is room for it at once;
    /// or else gives it back.
    // In line where the host makes the message: 12 instructions less.
    #[inline(always)]
    pub(crate) fn inject_message(
        &mut self,
        body: Value,
        number: impl FnOnce() -> ActionId,
    ) -> Result<(), Value> {
        match self.stopped {
            true => Err(body),
            false => self.host_lane(TurnId::NONE).push_message_numbered(body, number),
        }
    }

    #[inline]
    fn host_lane(&mut self, turn: TurnId) -> Lane<'_> {
        Lane { queue: &mut self.processes.queue, slot: HOST, pid: Pid::BOOT, cause: turn.into() }
    }
}
