//! Makes new processes.

use crate::conversation::duct::{Duct, Noting, settle};
use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Mark;
use crate::data::door;
use crate::data::numbers::{ActionId, TurnId};
use crate::data::reason::{Failed, Reason};
use crate::network::owner::ProcessSlot;
use crate::process::action::{Act, SpawnSpec, Stored};
use crate::process::error::VmError;
use crate::process::queue::HOST;
use crate::process::queue::{Pending, Work};
use crate::process::{Booted, Context, KeptSlot, Rest};
use crate::record::trace::Heard;
use crate::vm::Vm;
use crate::vm::ledger::letting_go;

impl Vm {
    /// The child boots, then the parent goes on, then both sets of actions join the queue: the
    /// parent's first. The endpoints that the parent gives the child are added at once: from this
    /// step on, if either of the two ends, the other hears of it.
    pub(crate) fn spawn(
        &mut self,
        parent: ProcessSlot,
        mut spec: Box<SpawnSpec>,
        continuation: Option<KeptSlot>,
        id: ActionId,
        context: &mut Context,
    ) {
        if parent != HOST
            && let Err(error) = self.processes.room_for_process()
        {
            return self.refuse_child(parent, spec, continuation, error, id, context);
        }
        let pid = self.processes.new_pid();
        self.processes.bequeath(parent, context);
        let mark = Mark::set();
        let turn = context.begin_turn();
        let noting = Noting::begin();
        let booted = self.processes.boot(pid, &mut spec, (turn, id.into()), context);
        let let_go = noting.end();
        self.processes.gather();
        let Booted { body, actions, rest } = match booted {
            Ok(booted) => {
                settle(let_go);
                booted
            }
            Err(reason) => {
                self.processes.ended(let_go, &reason);
                return self.fail_to_boot((parent, continuation), pid, spec, (mark, reason), id, context);
            }
        };
        if let Some(Rest { guests, .. }) = rest.as_deref()
            && !guests.is_empty()
            && let Err(error) = self.room_for_endpoints(guests.len())
        {
            let (reason, let_go) = letting_go(|| {
                let dropped = door::dispose(body).and(door::dispose_each(actions.into_vec()));
                dropped_for(dropped.and(door::dispose(rest)), error)
            });
            mark.blame(&reason);
            self.processes.gather();
            self.processes.ended(let_go, &reason);
            self.processes.note_exit(pid, spec.name, spec.called, &reason, context);
            return self.proceed(parent, continuation, &Err(reason), id, context);
        }
        let slot = self.processes.insert(pid, spec.name.take(), body);
        if let Some(kind) = spec.only {
            self.processes.note_only(kind, pid);
        }
        if spec.apart {
            self.processes.set_apart(slot);
        }
        spec.retire();
        self.processes.inherit(slot);
        let guests = rest.map(|rest| self.settle_in(slot, *rest, id, context));
        if continuation.is_some() {
            self.proceed(parent, continuation, &Ok(pid), id, context);
        }
        if let Some(guests) = guests {
            self.admit(guests, slot, pid, turn, context);
        }
        self.processes.start(slot, turn, actions, context);
        self.processes.collect(slot, context);
    }

    /// Deals with what few processes have. Gives the endpoints that the parent gives the child.
    #[inline(never)]
    fn settle_in(
        &mut self,
        slot: ProcessSlot,
        Rest { is_vm, guests, arriving }: Rest,
        id: ActionId,
        context: &mut Context,
    ) -> Vec<Act<Stored>> {
        if is_vm {
            self.processes.note_vm(slot);
        }
        if let Some((arriving, place)) = arriving {
            self.processes.note_objects(slot);
            self.arrive(arriving, place, id, context);
        }
        guests
    }

    /// The child has not booted. A boot that was not even called goes now, with all that it holds.
    #[cold]
    #[inline(never)]
    fn fail_to_boot(
        &mut self,
        (parent, continuation): (ProcessSlot, Option<KeptSlot>),
        pid: Pid,
        mut spec: Box<SpawnSpec>,
        (mark, reason): (Mark, Reason),
        id: ActionId,
        context: &mut Context,
    ) {
        self.processes.note_failed_boot(pid, &reason, id.into(), context);
        let (name, called) = (spec.name.take(), spec.called);
        let (reason, let_go) = letting_go(|| door::dispose(spec).err().map_or(reason, |panic| *panic));
        mark.blame(&reason);
        self.processes.gather();
        self.processes.ended(let_go, &reason);
        self.processes.note_exit(pid, name, called, &reason, context);
        self.proceed(parent, continuation, &Err(reason), id, context);
    }

    /// There can be no child: its parent is told, if it waits for the child, or else it fails.
    #[cold]
    #[inline(never)]
    fn refuse_child(
        &mut self,
        parent: ProcessSlot,
        spec: Box<SpawnSpec>,
        continuation: Option<KeptSlot>,
        error: VmError,
        id: ActionId,
        context: &mut Context,
    ) {
        let mark = Mark::set();
        let (reason, let_go) = letting_go(|| dropped_for(door::dispose(spec), error));
        mark.blame(&reason);
        self.processes.gather();
        self.processes.ended(let_go, &reason);
        match continuation {
            Some(_) => self.proceed(parent, continuation, &Err(reason), id, context),
            None => self.processes.fail_between_turns(parent, reason, id.into(), context),
        }
    }

    /// Adds the endpoints that the child is given, while the spawn is under way.
    #[inline(never)]
    fn admit(
        &mut self,
        guests: Vec<Act<Stored>>,
        slot: ProcessSlot,
        pid: Pid,
        turn: TurnId,
        context: &mut Context,
    ) {
        let (action, depth) = (context.action, context.recorder.depth);
        for act in guests {
            let pending = Pending::new(Work::Act(act), slot, pid, ActionId::fresh(), turn.into());
            if context.recorder.is_on() {
                context.recorder.produced(turn, std::iter::once(&pending));
            }
            self.processes.put_back(pending);
            self.processes.begin_front();
            self.perform_front(context);
            (context.action, context.recorder.depth) = (action, depth);
        }
    }

    /// The parent goes on, if it waits for the child: with its PID, or with the reason for which
    /// there is none.
    fn proceed(
        &mut self,
        parent: ProcessSlot,
        continuation: Option<KeptSlot>,
        child: &Result<Pid, Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some(kept) = continuation else { return };
        let heard = || (Heard::Child(child.clone()), Duct::EMPTY);
        self.processes.turn(parent, id.into(), context, heard, |body, lane, context| {
            body.proceed(kept, child.clone(), lane, context)
        });
    }
}

/// A thing for which the limit leaves no room has been dropped. If that panicked, the panic is the
/// reason.
fn dropped_for(dropped: Result<(), Failed>, error: VmError) -> Reason {
    dropped.err().map_or_else(|| Reason::error(error), |panic| *panic)
}
