//! Hands actions to the container.

use crate::conversation::pid::Pid;
use crate::conversation::promise::falling::Mark;
use crate::data::fresh::Fresh;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::{Act, Relayed, Typed};
use crate::process::{Context, Process};
use crate::vm::Vm;
use crate::vm::processes::OuterName;

impl Vm {
    /// Hands the action to the container. This VM keeps only the names of endpoints, so that it can
    /// delete them when their process ends.
    pub(super) fn at_meta_level(
        &mut self,
        process: ProcessSlot,
        mut act: Act<Typed<Self>>,
        id: ActionId,
        context: &mut Context,
    ) {
        let mut levels = 1;
        let mut inner = &mut act;
        while let Act::Meta(next) = inner {
            levels += 1;
            inner = next;
        }
        if let Act::Pass(passing) = inner
            && let Some((entry, site)) = self.processes.entry_and_site(process)
            && let Err(error) = passing.push(entry, site, id)
        {
            return self.processes.fail_between_turns(process, Reason::error(error), id.into(), context);
        }
        let Some(entry) = self.processes.get_mut(process) else {
            unreachable!("actions of processes that have gone are dropped")
        };
        match inner {
            Act::Add(spec, _) => {
                let inside = spec.name.take().unwrap_or_else(|| Fresh::new().into());
                let names = entry.names.get_or_insert_default();
                let name = names
                    .outer
                    .entry((levels, inside))
                    .or_insert_with(|| OuterName { outside: Fresh::new(), ticket: None });
                name.ticket = spec.ticket;
                spec.name = Some(name.outside.into());
            }
            Act::Delete(delete, _) => {
                let inside = std::mem::replace(&mut delete.name, Value::UNIT);
                let names = entry.names.as_mut();
                let known = names.and_then(|names| names.outer.remove(&(levels, inside)));
                // If the process is a VM, a process in it may wait to be told, even if a message
                // has taken the endpoint meanwhile.
                let waits = entry.body.as_any().is::<Process<Self>>();
                let outside = known.map(|name| name.outside).or_else(|| waits.then(Fresh::new));
                let Some(outside) = outside else { return };
                delete.name = outside.into();
                // The process is not dropped as idle until its own half has heard of it.
                entry.awaited += 1;
            }
            Act::Spawn(_, Some(_)) => entry.awaited += 1,
            _ => {}
        }
        // A quit that names the VM's own PID does the same as one that names none.
        let stops = match &act {
            Act::Quit(who, ending)
                if levels == 1 && who.is_none_or(|who| self.processes.path.last() == Some(&who)) =>
            {
                let reason = ending.as_ref().and_then(|ending| ending.reason.clone());
                Some(reason.unwrap_or(Reason::Normal))
            }
            _ => None,
        };
        self.leave(process, act, id, context);
        if let Some(reason) = stops {
            // Answers in the queue are not given any more, for that reason.
            let mark = Mark::set();
            self.stop();
            mark.blame(&reason);
        }
    }

    /// Hands out an action of which this VM needs to know nothing more.
    pub(super) fn leave(
        &mut self,
        process: ProcessSlot,
        act: Act<Typed<Self>>,
        id: ActionId,
        context: &mut Context,
    ) {
        let at_ground = self.processes.path.is_empty();
        let Some(entry) = self.processes.get_mut(process) else {
            unreachable!("actions of processes that have gone are dropped")
        };
        let pid = entry.pid;
        if at_ground {
            // At the ground any action may fail the process, so the process stays until the action
            // has been performed.
            entry.awaited += 1;
        }
        self.hand_out(process, pid, id, act, context);
    }

    /// Puts an action into the outbox for the container, in the name of a process, which waits at
    /// this place, if it does; `id` is the action that led to it.
    pub(super) fn hand_out(
        &mut self,
        process: ProcessSlot,
        pid: Pid,
        id: ActionId,
        act: Act<Typed<Self>>,
        context: &mut Context,
    ) {
        let relayed = Relayed { pid, process, id: ActionId::fresh(), cause: id, act };
        if context.recorder.is_on() {
            context.recorder.handed_out(relayed.id, context.action.1);
        }
        self.outbox.push_back(relayed);
    }

    /// The host has performed an action of this process of the ground VM, which has waited here.
    pub(crate) fn performed_outside(&mut self, process: ProcessSlot, pid: Pid, context: &mut Context) {
        if let Some(entry) = self.processes.get_mut(process).filter(|entry| entry.pid == pid) {
            entry.awaited -= 1;
            self.processes.collect(process, context);
            self.tell_waiting(context);
        }
    }
}
