//! A process as its VM sees it: without the type of its state.

use std::any::Any;

use crate::conversation::called::Called;
use crate::conversation::duct::Duct;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::promise::owed::Owed;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::{OfObject, Target};
use crate::data::reason::{Failed, Reason};
use crate::data::reference::{Reference, WeakReference};
use crate::data::slots::Slot;
use crate::data::value::Value;
use crate::network::owner::HandlerSlot;
use crate::process::action::{Progress, Watch};
use crate::process::queue::Lane;
use crate::process::{Context, Keeps, KeptSlot};
use crate::record::log::Snapshot;

/// Whether a clause of a handler applied.
// It is as wide as a reason in a box, so that a `Result` of it comes back in registers. With a
// `bool` a message between two processes takes 15 instructions more.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Clause {
    Skipped,
    Applied,
}

/// A process without the type of its state. No other code forgets that type.
pub(crate) trait ErasedProcess: Send {
    /// Calls a handler. Says whether a clause applied.
    fn hear(
        &mut self,
        handler: HandlerSlot,
        event: &Event<'_>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Clause, Failed>;
    /// Calls the continuation of a yield, or takes a turn of a nested VM.
    fn resume(
        &mut self,
        kept: KeptSlot,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<Progress, Failed>;
    /// Calls the continuation that waits for a child.
    fn proceed(
        &mut self,
        kept: KeptSlot,
        child: Result<Pid, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed>;
    /// Lets one of the objects of the process take a message. It owes the answer still if the
    /// process fails.
    fn hear_as_object(
        &mut self,
        slot: Slot<OfObject>,
        sending: &Sending,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
    ) -> Result<(), Failed>;
    /// Lets clauses hear a message to the object that is made of them, with this duct.
    fn hear_as_clauses(
        &mut self,
        kept: KeptSlot,
        sending: &Sending,
        duct: &Duct,
        owed: &mut Owed,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed>;
    /// Calls the closure that waits for a promise. Its own answer goes to the promise of the
    /// closure.
    fn hear_settled(
        &mut self,
        kept: KeptSlot,
        result: &Result<Value, Reason>,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed>;
    /// Takes what a kept closure waits for: a promise, or (`true`) the end of an object.
    fn awaited(&mut self, kept: KeptSlot) -> Option<(Value, bool)>;
    /// The promise for which it is to wait, for the record.
    fn awaits(&self, kept: KeptSlot) -> Option<Value>;
    /// Shows its objects, and for what it waits, to somebody who looks on.
    fn look_at_kept(&self, see: &mut dyn FnMut(Keeps<'_>));
    /// Notes that an object of clauses is there. Gives its target.
    fn note_object(&mut self, kept: KeptSlot, reference: &Reference) -> Target;
    /// Lets an object that nobody has take its last turn, and takes it out.
    fn release_object(
        &mut self,
        target: Target,
        me: &Reference,
        lane: &mut Lane<'_>,
        context: &mut Context,
    ) -> Result<(), Failed>;
    /// Drops an object that nobody has.
    fn drop_object(&mut self, target: Target) -> Result<(), Failed>;
    /// Whether an object wants a last turn.
    fn heeds_release(&mut self, target: Target) -> bool;
    /// Whether somebody has an object in it.
    fn has_objects(&mut self) -> bool;
    /// The references to its objects.
    fn objects(&mut self) -> Vec<WeakReference>;
    /// Calls the closure that waits for a deletion: it is kernel code, so this is no turn.
    fn deleted(&mut self, kept: KeptSlot, lane: &mut Lane<'_>, context: &mut Context);
    /// Takes a handler that does not see the state.
    fn adopt(&mut self, watch: Watch) -> HandlerSlot;
    /// Holds a value as long as the process lives.
    fn hold(&mut self, value: Box<dyn Send>);
    /// Drops a handler, or the continuation of a yield or spawn.
    fn release_handler(&mut self, handler: HandlerSlot) -> Result<(), Failed>;
    fn release_kept(&mut self, kept: KeptSlot) -> Result<(), Failed>;
    /// Drops the state of a process that failed.
    fn release_state(&mut self) -> Result<(), Failed>;
    /// The state as it is now, if the process lets the log keep it.
    fn snapshot(&self) -> Option<Snapshot>;
    /// The state as it is shown to who looks now.
    fn snapshot_now(&self) -> Option<Snapshot>;
    /// The code that booted it.
    fn called(&self) -> Called;
    /// Drops what is in it. Its box is kept for another one, if it is small.
    fn retire(self: Box<Self>);
    fn as_any(&mut self) -> &mut dyn Any;
    fn as_any_ref(&self) -> &dyn Any;
}
