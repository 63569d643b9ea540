//! Whether one process alone keeps a VM busy, by what it sends to itself.

use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::data::numbers::{ActionId, Counter};
use crate::ground_vm::GroundVm;
use crate::process::Process;
use crate::process::queue::{HOST, Work};
use crate::vm::Vm;

/// The actors that have been seen. It begins anew whenever the host has done something: a process
/// that has been given something may act for that.
pub(crate) struct Alone {
    began: Counter,
    /// The counter after the last step.
    last: Counter,
    who: Option<Actor>,
    is_not: bool,
    steps: usize,
}

/// The VMs around a process, and its PID; `None`: the host.
type Actor = (Arc<[Pid]>, Option<Pid>);

impl GroundVm {
    /// Nothing has been seen yet.
    pub(crate) const fn alone(&self) -> Alone {
        Alone { began: self.next, last: self.next, who: None, is_not: false, steps: 0 }
    }

    /// Performs at most so many innermost actions, and sees whose they are.
    pub(crate) fn run_seen(&mut self, max_steps: usize, alone: &mut Alone) -> bool {
        if alone.last != self.next {
            *alone = Alone { steps: alone.steps, ..self.alone() };
        }
        for _ in 0..max_steps {
            let front = self.vm_mut().innermost().map(|(actor, _)| actor);
            alone.steps += 1;
            match (&alone.who, front) {
                (None, front) => alone.who = front,
                (Some(who), Some(front)) if *who == front => {}
                _ => alone.is_not = true,
            }
            let is_over = !self.run(1);
            alone.last = self.next;
            if is_over {
                return false;
            }
        }
        true
    }

    /// Whether all actions are of one process, and lead to more of them; `None`: that is not known
    /// yet. After so many steps it counts as not so.
    pub(crate) fn is_alone(&mut self, alone: &Alone, max_steps: usize) -> Option<bool> {
        if alone.is_not {
            return Some(false);
        }
        // All that waited when it was first seen has been performed. All that waits now was asked
        // for in the turns to which that led.
        let (front, id) = self.vm_mut().innermost()?;
        if alone.who.as_ref() == Some(&front) && front.1.is_some() && !id.is_before(alone.began) {
            return Some(true);
        }
        (alone.steps >= max_steps).then_some(false)
    }
}

impl Vm {
    /// The actor whose action is performed next, here or further in, and the action's number.
    fn innermost(&mut self) -> Option<(Actor, ActionId)> {
        let id = self.front()?;
        let pending = self.processes.queue.front()?;
        let (slot, pid) = (pending.slot, pending.pid);
        if slot == HOST {
            return Some(((self.processes.path.clone(), None), id));
        }
        if matches!(pending.work, Work::Resume(..))
            && let Some(entry) = self.processes.get_mut(slot)
            && let Some(process) = entry.body.as_any().downcast_mut::<Process<Self>>()
            && let Some(inner) = process.state_mut().and_then(Self::innermost)
        {
            return Some(inner);
        }
        Some(((self.processes.path.clone(), Some(pid)), id))
    }
}
