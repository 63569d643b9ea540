//! Passes messages to one process, which can answer.

use std::sync::Arc;

use crate::conversation::duct::{Back, Duct, Hop, PassId, Site};
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::sending::Sending;
use crate::conversation::role::Orientation;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::symbol::Symbol;
use crate::data::value::{Value, View};
use crate::network::owner::ProcessSlot;
use crate::process::Context;
use crate::process::action::{Act, Address, Given, Giving, Onto, Passing};
use crate::process::error::VmError;
use crate::process::queue::HOST;
use crate::vm::Vm;
use crate::vm::processes::{Answer, ProcessEntry};

/// A message that was passed to a process of this VM before it started.
pub(super) struct Early {
    slot: ProcessSlot,
    pid: Pid,
    duct: Duct,
    body: Value,
    id: ActionId,
}

impl Early {
    pub(super) const fn body(&self) -> &Value {
        &self.body
    }
}

impl Passing {
    /// Pushes the hop of the process that passes, if that has not been done further in.
    pub(crate) fn push(
        &mut self,
        entry: &mut ProcessEntry,
        site: &Arc<Site>,
        id: ActionId,
    ) -> Result<(), VmError> {
        if let Onto::Pushed(_) = self.onto {
            return Ok(());
        }
        let back = Back::Process { vm: site.vm().clone(), pid: entry.pid };
        if let Err(below) = self.push_hop(back, entry.name(), site, id) {
            // The process ends with that error, and the process that waits for it hears why.
            entry.lose(&below);
            return Err(VmError::DuctTooLong);
        }
        if let Onto::Pushed(duct) = &self.onto {
            entry.passed(duct);
        }
        Ok(())
    }

    /// A duct that is too long already comes back.
    fn push_hop(
        &mut self,
        to: Back,
        name: Option<&Value>,
        site: &Arc<Site>,
        id: ActionId,
    ) -> Result<(), Duct> {
        let below = match &mut self.onto {
            Onto::Pushed(_) => return Ok(()),
            Onto::Duct(duct) => std::mem::take(duct),
            Onto::Event => Duct::EMPTY,
        };
        let hop = Hop { to, wire: self.wire.clone(), name: name.cloned(), site: site.clone() };
        self.onto = Onto::Pushed(below.push(hop, id)?);
        Ok(())
    }
}

impl Vm {
    /// The first endpoint of the process that takes the message and has a clause for it hears it.
    pub(super) fn pass(
        &mut self,
        acting: ProcessSlot,
        mut passing: Passing,
        id: ActionId,
        context: &mut Context,
    ) {
        context.has_passed = true;
        let pushed = match self.processes.entry_and_site(acting) {
            Some((entry, site)) => passing.push(entry, site, id),
            None => passing
                .push_hop(Back::Host(PassId(id.number())), None, &self.processes.site, id)
                .map_err(|_| VmError::DuctTooLong),
        };
        if let Err(error) = pushed {
            if acting != HOST {
                self.processes.fail_between_turns(acting, Reason::error(error), id.into(), context);
            }
            return;
        }
        let Passing { to, body, onto: Onto::Pushed(duct), .. } = passing else {
            unreachable!("it was pushed")
        };
        let to = match to {
            Address::Process(pid) => pid,
            Address::Object(object) => return self.pass_to_object(object, body, duct, id, context),
        };
        match self.processes.find(to) {
            None => self.give_nothing(duct, Reason::gone(), id, context),
            Some(slot) => self.deliver(Early { slot, pid: to, duct, body, id }, context),
        }
    }

    /// Sends the message to an object: what that answers is given on the duct.
    fn pass_to_object(
        &mut self,
        object: Reference,
        body: Value,
        duct: Duct,
        id: ActionId,
        context: &mut Context,
    ) {
        let parts = match body.view() {
            View::Sequence(items) => items.to_vec(),
            _ => vec![body],
        };
        match Sending::new(object, parts) {
            Ok(mut sending) => {
                *sending.owed.answer_mut() = AnswerTo::Duct(duct);
                self.send(sending, id, context);
            }
            // A value that is no sequence is the only part, and lies one deeper in the message.
            Err(too_deep) => self.give_nothing(duct, Reason::error(too_deep), id, context),
        }
    }

    /// Lets a process hear the message; if it has not performed its first actions yet, it hears it
    /// afterwards.
    fn deliver(&mut self, passed: Early, context: &mut Context) {
        let Early { slot, ref duct, ref body, id, .. } = passed;
        // One that has ended before it began does not hear it: its end says so.
        let Some(entry) = self.processes.get_mut(slot).filter(|entry| entry.pid == passed.pid) else {
            return;
        };
        if entry.starting > 0 {
            // If it never performs them, it has not answered.
            entry.lose(duct);
            return self.early.push(passed);
        }
        entry.handed(duct);
        if entry.deaf {
            // It hears nothing more: its end says why.
            return entry.lose(duct);
        }
        if !self.hear_passed(slot, body, &Event::passed(body, duct), id, context) {
            let what = Given::Nothing(Reason::Refused(Symbol::new("unknown").into()));
            let giver = Some(Back::Process { vm: self.processes.path.clone(), pid: passed.pid });
            self.queue_own(Act::Give(Box::new(Giving { duct: passed.duct, what, giver })), id, context);
        }
    }

    /// Nobody answers a message. The endpoints that hear this may come behind the message in the
    /// turn that passed it, so it is queued behind that.
    #[cold]
    fn give_nothing(&mut self, duct: Duct, why: Reason, id: ActionId, context: &mut Context) {
        let giving = Giving { duct, what: Given::Nothing(why), giver: None };
        self.queue_own(Act::Give(Box::new(giving)), id, context);
    }

    /// Called when this process has performed an action, perhaps the last of its first ones.
    pub(super) fn deliver_early(&mut self, slot: ProcessSlot, pid: Pid, context: &mut Context) {
        let now = |early: &mut Early| early.slot == slot && early.pid == pid;
        let started = self.processes.get(slot).is_none_or(|entry| entry.pid != pid || entry.starting == 0);
        if started {
            let ready: Vec<_> = self.early.extract_if(.., now).collect();
            for passed in ready {
                self.deliver(passed, context);
            }
            self.deal_with_rest(slot, pid, context);
        }
    }

    /// Lets go of the messages for processes that have ended before they started.
    pub(super) fn forget_early(&mut self) {
        let Self { early, processes, .. } = self;
        early.retain(|early| processes.get(early.slot).is_some_and(|entry| entry.pid == early.pid));
    }

    /// Lets the process hear it. Says whether any endpoint had a clause for it.
    fn hear_passed(
        &mut self,
        slot: ProcessSlot,
        body: &Value,
        event: &Event<'_>,
        id: ActionId,
        context: &mut Context,
    ) -> bool {
        for endpoint in self.endpoints_of(slot) {
            let Some(ear) = self.network.endpoints.get(endpoint.slot) else {
                unreachable!("no endpoint comes or goes while those of a process are asked")
            };
            let subscribes = || ear.orientation == Orientation::Subscriber && ear.topic.matches(body);
            if !ear.takes.callee && !subscribes() {
                continue;
            }
            if ear.is_once() {
                self.spend(endpoint.slot, event, id, context);
                return true;
            }
            match self.processes.hear(ear.owner.process, ear.owner.handler, event, id, context) {
                Answer::Applied => return true,
                Answer::Skipped => {}
                Answer::Gone => return false,
            }
        }
        false
    }
}
