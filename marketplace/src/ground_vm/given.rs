//! What the host gives the ground VM.

use crate::conversation::duct::{Duct, PassId};
use crate::conversation::pid::Pid;
#[cfg(feature = "tokio")]
use crate::conversation::role::Orientation;
use crate::data::contained::Tower;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::{MAX_DEPTH, TooDeep, Value};
use crate::ground_vm::caller::{self, Caller};
use crate::ground_vm::source::{Source, ground_event};
use crate::ground_vm::{GroundVm, Output};
use crate::process::action::{Act, Ending, On, Passing, Spawn, Stored};
use crate::record::log::Origin;

impl GroundVm {
    /// Something comes in that was sent at this time of another vat: what happens from now on is
    /// later.
    pub fn observe(&mut self, stamp: u64) {
        self.context.stamp = self.context.stamp.max(stamp);
    }

    /// What is heard until the next action is performed, or the next item is taken, was sent there,
    /// in another vat: for the log.
    pub fn from_origin(&mut self, origin: Origin) {
        self.observe(origin.stamp);
        self.context.recorder.arrived(None, origin);
    }

    /// Takes an item of a source that is on; ignores one of a source that is not.
    pub fn item(&mut self, source: &Source, item: Value) {
        if item.depth() >= MAX_DEPTH {
            // There is no such ground event.
            self.outputs.push_back(Output::Stop(source.clone()));
            self.end(source, &Reason::error(TooDeep));
        } else if let Some(on) = self.level.take_credit(source) {
            let tower = Tower::enter(self.next);
            self.context.recorder.outside(None);
            let mut fields = [source.to_value(), item];
            if !self.event.exchange(&mut fields) {
                self.event = ground_event(fields);
            }
            self.level.hear_item(on, &self.event, &mut self.vm, &mut self.context, &mut self.outputs);
            self.next = tower.leave();
            self.level.note_item(on, self.next);
            self.context.recorder.at_home();
            // Outside the tower: if dropping it fails, no process is to blame.
            if !self.event.exchange(&mut [Value::UNIT, Value::UNIT]) {
                self.event = Value::UNIT;
            }
        }
    }

    /// Hears that a source has ended, after its last item, and why.
    pub fn end(&mut self, source: &Source, reason: &Reason) {
        let tower = Tower::enter(self.next);
        self.context.recorder.outside(None);
        self.level.end(source, reason, &mut self.vm, &mut self.context);
        self.next = tower.leave();
        self.context.recorder.at_home();
    }

    /// What the host gives until it says otherwise was sent there, in another vat: whatever it is,
    /// time and the log go on from there.
    #[cfg(feature = "tokio")]
    pub(crate) fn sent_from(&mut self, sender: Option<Origin>) {
        if let Some(origin) = sender {
            self.observe(origin.stamp);
        }
        self.sender = sender;
    }

    /// Queues something that the host asks for, perhaps in the name of another vat. Gives its
    /// number.
    fn give(&mut self, act: Act<Stored>) -> u64 {
        let id = self.next;
        self.with_vm(|vm, _| vm.inject(act, 0));
        self.note_sender(id);
        id
    }

    /// This action is the host's.
    pub(super) fn note_sender(&mut self, action: u64) {
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
        let body = message.to_value();
        self.with_vm(|vm, _| vm.inject_message(body));
    }

    /// Sends feedback in the ground VM's network.
    pub fn send_feedback(&mut self, message: &impl Message) {
        let body = message.to_value();
        self.with_vm(|vm, _| vm.inject(Act::Feedback(body), 0));
    }

    /// Passes a message to one process of the ground VM, which can answer: the answers are
    /// [`Output::Reply`], with this wire and the number that is given here. In a duct's print the
    /// last hop is `//wire`, without the number.
    pub fn pass(&mut self, to: Pid, wire: impl Into<Value>, message: &impl Message) -> PassId {
        let (wire, body) = (wire.into(), message.to_value());
        let passing = Passing { to, wire, body, on: On::Duct(Duct::EMPTY) };
        PassId(self.give(Act::Pass(Box::new(passing))))
    }

    /// Makes a process for one turn: `work` is called with what it may act by, and the process is
    /// gone when its actions are performed. What it returns, or why it failed and in which turn, is
    /// told to `answer`.
    pub fn call<T: 'static>(
        &mut self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
        answer: impl FnOnce(Result<T, (u64, Reason)>) + Send + 'static,
    ) {
        let mut spec = caller::boot(work, answer);
        spec.name = Some("call".into());
        self.give(Act::Spawn(spec, None));
    }

    /// Makes a process in the ground VM. What [`Spawn::then`] would tell a parent is told to
    /// nobody.
    pub fn spawn(&mut self, spawn: Spawn<()>) {
        self.give(Act::Spawn(spawn.spec, None));
    }

    /// Ends a process of the ground VM.
    pub fn kill(&mut self, pid: Pid, reason: Reason) {
        self.give(Act::Quit(Some(pid), Ending::because(reason)));
    }
}
