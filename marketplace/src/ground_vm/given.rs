//! The inputs that the host gives the ground VM.

use crate::conversation::duct::{Duct, PassId};
use crate::conversation::pid::Pid;
#[cfg(feature = "tokio")]
use crate::conversation::role::Orientation;
use crate::data::contained::{self, Noted, Tower};
use crate::data::message::Message;
use crate::data::numbers::{ActionId, Stamp, TurnId};
use crate::data::reason::{IntoReason, Reason};
use crate::data::value::from::IntoValue;
use crate::data::value::{MAX_DEPTH, TooDeep, Value};
use crate::ground_vm::caller::{self, Caller};
use crate::ground_vm::source::{Source, ground_event};
use crate::ground_vm::{GroundVm, Output};
use crate::process::action::{Act, Address, Ending, Onto, Passing, Spawn, Stored};
use crate::record::log::Origin;

impl GroundVm {
    /// Takes note of the time of another vat at which an input was sent: every turn from now on is
    /// later.
    pub fn observe(&mut self, stamp: u64) {
        self.context.stamp = self.context.stamp.max(Stamp::of(stamp));
    }

    /// Says, for the log, from which place in another vat the next event comes: this holds until
    /// the next action is performed, or the next item is taken.
    pub fn from_origin(&mut self, origin: Origin) {
        self.observe(origin.stamp);
        self.context.recorder.arrived(None, origin);
    }

    /// Takes an item of a source that is on; ignores one of a source that is not.
    pub fn item(&mut self, source: &Source, item: Value) {
        if item.depth() >= MAX_DEPTH {
            // A ground event cannot nest that deep.
            self.outputs.push_back(Output::Stop(source.clone()));
            self.end(source, &Reason::error(TooDeep));
        } else if let Some((on, name)) = self.level.take_credit(source) {
            let tower = Tower::enter(self.tower, self.next);
            self.context.recorder.outside(None);
            let event = ground_event([name, item]);
            self.level.hear_item(on, &event, &mut self.vm, &mut self.context, &mut self.outputs);
            self.deal_with_fallen();
            self.next = tower.leave();
            self.context.recorder.at_home();
            let Some([name, mut item]) = event.into_fields() else { unreachable!("it was made of these") };
            self.level.note_item(on, self.next, name);
            // This is done outside the tower: if dropping the item fails, no process is to blame.
            item.retire_part();
        }
    }

    /// Takes the end of a source, after its last item, and the reason.
    pub fn end(&mut self, source: &Source, reason: &Reason) {
        let tower = Tower::enter(self.tower, self.next);
        self.context.recorder.outside(None);
        self.level.end(source, reason, &mut self.vm, &mut self.context);
        self.deal_with_fallen();
        self.next = tower.leave();
        self.context.recorder.at_home();
    }

    /// Deals with what fell because of an input.
    #[inline]
    fn deal_with_fallen(&mut self) {
        if contained::noted() != Noted::NOTHING
            && let Some(vm) = &mut self.vm
        {
            vm.deal_with_all_fallen(&mut self.context);
        }
    }

    /// Says where in another vat, if in any, the inputs were sent that the host gives from now on,
    /// until the next call. Time and the log go on from there.
    #[cfg(feature = "tokio")]
    pub(crate) fn sent_from(&mut self, sender: Option<Origin>) {
        if let Some(origin) = sender {
            self.observe(origin.stamp);
        }
        self.sender = sender;
    }

    /// Queues an action of the host, perhaps in the name of another vat. Gives its number.
    pub(super) fn give(&mut self, act: Act<Stored>) -> ActionId {
        let id = self.next.next_action();
        self.with_vm(|vm, _| vm.inject(act, TurnId::NONE));
        self.note_sender(id);
        id
    }

    /// Notes where this action of the host was sent.
    pub(super) fn note_sender(&mut self, action: ActionId) {
        if let Some(origin) = self.sender {
            self.context.recorder.arrived(Some(action), origin);
        }
    }

    /// Sends a message or feedback, perhaps in the name of another vat.
    #[cfg(feature = "tokio")]
    pub(crate) fn deposit(&mut self, body: Value, sender: Orientation) {
        self.give(match sender {
            Orientation::Publisher => Act::Message(body),
            Orientation::Subscriber => Act::Feedback(body),
        });
    }

    /// Sends a message in the ground VM's network, as if from outside every process.
    pub fn send(&mut self, message: &impl Message) {
        if let Err(body) = self.send_at_once(message.to_value()) {
            self.with_vm(|vm, _| vm.inject(Act::Message(body), TurnId::NONE));
        }
    }

    /// Sends a message, if there is a place for it and nothing else to deal with; or else gives it
    /// back. No code runs to which it matters whose the thread is, so the message is numbered here.
    // The counter and its tower would be written in halves and read as a whole, for which a
    // processor waits: a message of the host takes 8 % less time.
    #[inline(always)]
    fn send_at_once(&mut self, body: Value) -> Result<(), Value> {
        let Some(vm) = &mut self.vm else { unreachable!("no handler is running") };
        if contained::noted().has_fallen() {
            return Err(body);
        }
        let next = &mut self.next;
        vm.inject_message(body, || {
            let id = next.next_action();
            *next = next.next();
            id
        })
    }

    /// Sends feedback in the ground VM's network.
    pub fn send_feedback(&mut self, message: &impl Message) {
        let body = message.to_value();
        self.with_vm(|vm, _| vm.inject(Act::Feedback(body), TurnId::NONE));
    }

    /// Passes a message to one process of the ground VM, which can answer: the answers are
    /// [`Output::Reply`], with this wire and the number that this call gives. In a duct's print the
    /// last hop is `//wire`, without the number.
    pub fn pass(&mut self, to: Pid, wire: impl IntoValue, message: &impl Message) -> PassId {
        let (wire, body) = (wire.into(), message.to_value());
        let passing = Passing { to: Address::Process(to), wire, body, onto: Onto::Duct(Duct::EMPTY) };
        PassId(self.give(Act::Pass(Box::new(passing))).number())
    }

    /// Makes a process for one turn: `work` is called with a [`Caller`], and the process is gone
    /// when its actions are performed. The value that `work` returns is given to `answer`, or the
    /// reason why it failed, with the turn.
    pub fn call<T: 'static>(
        &mut self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
        answer: impl FnOnce(Result<T, (u64, Reason)>) + Send + 'static,
    ) {
        let mut spec = caller::boot(work, answer);
        spec.name = Some("call".into());
        self.give(Act::Spawn(spec, None));
    }

    /// Makes a process in the ground VM. The result that [`Spawn::then`] would give a parent is
    /// given to nobody.
    pub fn spawn(&mut self, spawn: Spawn<()>) {
        self.give(Act::Spawn(spawn.spec, None));
    }

    /// Ends a process of the ground VM.
    pub fn kill(&mut self, pid: Pid, reason: impl IntoReason) {
        self.give(Act::Quit(Some(pid), Ending::because(reason.into_reason())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Transition, send_message};

    #[test]
    fn each_message_of_the_host_takes_one_number() {
        let mut vm = GroundVm::new(|_| Transition::new((), send_message(&1)));
        let record = || Value::record("says", [1.into()]);
        for _ in 0..3 {
            // Some find a place, and some have to make room or are no records.
            for body in [Value::from(1), record(), record()].into_iter().cycle().take(100) {
                let next = vm.counter();
                vm.send(&body);
                assert_eq!(vm.counter(), next + 1);
            }
            let (sent, steps) = (vm.stats().queued as u64, vm.steps());
            assert!(!vm.run(usize::MAX));
            assert_eq!(vm.steps() - steps, sent);
        }
    }
}
