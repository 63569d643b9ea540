//! New processes.

use crate::action::SpawnSpec;
use crate::door;
use crate::duct::{self, Duct};
use crate::pid::Pid;
use crate::process::{Booted, Context};
use crate::queue::{Pending, Work};
use crate::reason::Reason;
use crate::trace::Heard;
use crate::vm::Vm;

impl Vm {
    /// The child boots, then the parent goes on, then both sets of actions join the queue: the parent's first. What the child is given by
    /// who spawned it is added at once: from this step on, whatever becomes of either, the other hears of it.
    pub(crate) fn spawn(
        &mut self,
        parent: u32,
        mut spec: Box<SpawnSpec>,
        continuation: Option<u32>,
        id: u64,
        context: &mut Context,
    ) {
        let pid = self.processes.new_pid();
        let gets_ducts = self.processes.get(parent).is_some_and(|entry| entry.ducts.is_some());
        if gets_ducts {
            duct::touch();
        }
        let ((turn, booted), lost) = duct::letting_go(|| self.processes.boot(pid, &mut spec, id, context));
        self.processes.gather();
        let Booted { body, actions, guests } = match booted {
            Ok(booted) => {
                duct::settle(&lost);
                booted
            }
            Err(reason) => {
                self.processes.wait(lost, &reason);
                self.processes.note_exit(pid, spec.name, &reason, context);
                return self.proceed(parent, continuation, &Err(reason), id, context);
            }
        };
        let slot = self.processes.insert(pid, spec.name, body);
        if let Some(kind) = spec.only {
            self.processes.note_only(kind, pid);
        }
        self.processes.note_ducts(slot);
        self.proceed(parent, continuation, &Ok(pid), id, context);
        if !guests.is_empty() {
            self.admit(guests, slot, pid, turn, context);
        }
        self.processes.start(slot, turn, actions, context);
        self.processes.collect(slot, context);
    }

    /// What the child is given is added, while the spawn is under way.
    fn admit(&mut self, guests: Vec<Work>, slot: u32, pid: Pid, turn: u64, context: &mut Context) {
        let (action, depth) = (context.action, context.recorder.depth);
        for work in guests {
            let pending = Pending { work, slot, pid, id: door::fresh_number(), cause: turn };
            if context.recorder.is_on() {
                context.recorder.produced(turn, std::iter::once(&pending));
            }
            self.processes.put_back(pending);
            self.processes.begin_front();
            self.perform_front(context);
            (context.action, context.recorder.depth) = (action, depth);
        }
    }

    /// The parent goes on, if it waits for that: with the child's PID, or with the reason for which there is none.
    fn proceed(
        &mut self,
        parent: u32,
        continuation: Option<u32>,
        child: &Result<Pid, Reason>,
        id: u64,
        context: &mut Context,
    ) {
        let Some(kept) = continuation else { return };
        let heard = || (Heard::Child(child.clone()), Duct::EMPTY);
        self.processes.turn(parent, id, context, heard, |body, lane, context| {
            body.proceed(kept, child.clone(), lane, context)
        });
    }
}
