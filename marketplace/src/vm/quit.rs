//! Ends processes.

use std::mem;

use crate::conversation::pid::Pid;
use crate::data::hash::Map;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::Context;
use crate::process::action::{Act, Deletion};
use crate::vm::Vm;
use crate::vm::processes::OuterName;

impl Vm {
    pub(super) fn quit(
        &mut self,
        acting: ProcessSlot,
        who: Option<Pid>,
        reason: Option<Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        let target = who.map_or(Some(acting), |pid| self.processes.find(pid));
        let Some(target) = target else { return };
        let reason = reason.unwrap_or_else(|| {
            if target == acting {
                return Reason::Normal;
            }
            let killer = self.processes.get(acting);
            Reason::Killed(killer.and_then(|killer| killer.name().cloned()))
        });
        self.end_process(target, &reason, id, context);
    }

    /// Deletes all endpoints of a process, first those here, then those further out, in creation
    /// order; none of its own code is called.
    pub(crate) fn end_process(
        &mut self,
        slot: ProcessSlot,
        reason: &Reason,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some(entry) = self.processes.get_mut(slot) else {
            unreachable!("a process that is to end was found, or acts")
        };
        context.failing = mem::replace(&mut entry.deaf, true);
        let (pid, has_objects) = (entry.pid, entry.has_to_do_with_objects);
        let (name, called) = (entry.name().cloned(), entry.body.called());
        let outer = entry.names.as_mut().map(|names| mem::take(&mut names.outer));
        // The processes that hear of it can only ask for actions: none of its endpoints goes or
        // comes meanwhile.
        let mut next = self.network.first(entry.last_endpoint);
        while let Some(endpoint) = next {
            next = self.network.next(endpoint);
            self.withdraw_with_process(endpoint, reason, id, context);
        }
        context.failing = false;
        if let Some(outer) = outer {
            self.delete_outside(pid, outer, reason, id, context);
        }
        if has_objects {
            self.end_objects(slot, reason, id, context);
        }
        self.processes.note_exit(pid, name, called, reason, context);
        self.processes.remove(slot, reason);
    }

    /// Deletes the endpoints that a process which has ended has further out.
    #[cold]
    fn delete_outside(
        &mut self,
        pid: Pid,
        names: Map<(u32, Value), OuterName>,
        reason: &Reason,
        id: ActionId,
        context: &mut Context,
    ) {
        // Names outside are numbered in the order in which they were made.
        let mut names: Vec<_> = names.into_iter().map(|((levels, _), name)| (name.outside, levels)).collect();
        names.sort_unstable();
        for (outside, levels) in names {
            let delete = Deletion { name: outside.into(), reason: reason.clone(), ended: true };
            let delete = Act::Delete(Box::new(delete), None);
            let act = (1..levels).fold(delete, |act, _| Act::Meta(Box::new(act)));
            self.hand_out(ProcessSlot::NONE, pid, id, act, context);
        }
    }
}
