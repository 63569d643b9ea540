//! Messages to objects, their answers, and promises.
//!
//! A message goes to the VM of its object by itself: inward at once, outward as an action that is
//! handed out. A settled promise is settled for all levels at once; those who wait further out are
//! told by news that is handed out, too, behind the place of the messages that waited there. So a
//! reference hears the messages of one process in their order, whatever levels lie between.

mod drain;
mod life;
mod send;
mod settle;
mod when;

use crate::conversation::pid::Pid;
use crate::conversation::promise::ObjectPlace;
use crate::data::numbers::ActionId;
use crate::network::owner::ProcessSlot;
use crate::process::Context;
use crate::process::action::{Act, Stored};
use crate::process::queue::{HOST, Pending, Work};
use crate::vm::Vm;

impl Vm {
    /// Whether the place is in this VM or further in; then the way to its VM.
    #[inline]
    fn way_in<'p>(&self, vm: &'p [Pid]) -> Option<&'p [Pid]> {
        vm.strip_prefix(&*self.processes.path)
    }

    /// Performs an action about objects.
    // Out of the step loop: a message between two processes pays for its length.
    #[inline(never)]
    pub(super) fn perform_for_object(
        &mut self,
        slot: ProcessSlot,
        pid: Pid,
        work: Work,
        id: ActionId,
        context: &mut Context,
    ) {
        match work {
            Work::Act(Act::Gather(gather)) => self.gather(*gather, id, context),
            Work::Act(Act::Close(resolver)) => resolver.close(),
            Work::Act(Act::Wait(waiting)) => self.wait_for(waiting.on, waiting.when, id, context),
            Work::Act(Act::Drain(place)) => self.drain(place.take(), id, context),
            Work::Act(Act::News(news)) => {
                let (when, result) = news.take();
                self.tell_waiter(when, result, id, context);
            }
            Work::Act(Act::Fall(carried)) => self.fell(carried.take(), id, context),
            Work::When(kept) => self.wait(slot, kept.slot(), id, context),
            Work::Object(arriving, kept) => self.make_object(slot, pid, *arriving, kept.slot(), id, context),
            Work::Act(_) | Work::Resume(..) | Work::Nothing => unreachable!("these are performed elsewhere"),
        }
    }

    /// Queues an action that the kernel asks for, in this VM.
    #[inline]
    pub(in crate::vm) fn queue_own(&mut self, act: Act<Stored>, id: ActionId, context: &mut Context) {
        let pending = own(act, id, context);
        self.processes.queue.push_back(pending);
    }

    /// Queues an action that the kernel asks for, in the VM of this place: further in at once,
    /// further out when it has been carried there.
    fn queue_at(&mut self, place: &ObjectPlace, act: Act<Stored>, id: ActionId, context: &mut Context) {
        match self.way_in(place.site.vm()) {
            Some([]) => self.queue_own(act, id, context),
            Some(inner) => {
                self.within(inner, context, |vm, context| vm.queue_own(act, id, context));
            }
            None => self.carry(act, id, context),
        }
    }

    /// Hands an action out that holds no closures.
    fn carry(&mut self, act: Act<Stored>, id: ActionId, context: &mut Context) {
        let act = match act {
            Act::Send(sending) => Act::Send(sending),
            Act::Answer(answering) => Act::Answer(answering),
            Act::Drain(place) => Act::Drain(place),
            Act::News(news) => Act::News(news),
            Act::Fall(carried) => Act::Fall(carried),
            _ => unreachable!("only these are carried"),
        };
        self.hand_out(ProcessSlot::NONE, Pid::BOOT, id, act, context);
    }
}

/// An action that the kernel asks for because of the one that is being performed: for the record it
/// is the same turn that has asked for both.
#[inline]
fn own(act: Act<Stored>, id: ActionId, context: &mut Context) -> Pending {
    let own = ActionId::fresh();
    if context.recorder.is_on() {
        context.recorder.handed_out(own, context.action.1);
    }
    Pending::new(Work::Act(act), HOST, Pid::BOOT, own, id.into())
}
