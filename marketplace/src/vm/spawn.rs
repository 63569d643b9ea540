//! New processes.

use crate::action::SpawnSpec;
use crate::door;
use crate::duct::{self, Duct};
use crate::process::Context;
use crate::queue::Pending;
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
        match &booted {
            Ok(_) => duct::settle(&lost),
            Err(reason) => self.processes.wait(lost, reason),
        }
        let name = spec.name.take();
        let child = match booted {
            Ok(booted) => {
                let slot = self.processes.insert(pid, name, booted.body);
                self.processes.note_ducts(slot);
                Ok((slot, booted.actions, booted.guests))
            }
            Err(reason) => {
                self.processes.note_exit(pid, name, &reason, context);
                Err(reason)
            }
        };
        if let Some(kept) = continuation {
            let told = child.as_ref().map(|_| pid).map_err(Clone::clone);
            let heard = || (Heard::Child(told.clone()), Duct::EMPTY);
            let answer = told.clone();
            self.processes.turn(parent, id, context, heard, |body, lane, context| {
                body.proceed(kept, answer, lane, context)
            });
        }
        if let Ok((slot, actions, guests)) = child {
            let (action, depth) = (context.action, context.recorder.depth);
            for work in guests {
                let pending = Pending { work, slot, pid, id: door::fresh_number(), cause: turn };
                if context.recorder.is_on() {
                    context.recorder.produced(turn, std::iter::once(&pending));
                }
                self.perform(pending, context);
                // The spawn is still under way.
                (context.action, context.recorder.depth) = (action, depth);
            }
            self.processes.start(slot, turn, actions, context);
            self.processes.collect(slot, context);
        }
    }
}
