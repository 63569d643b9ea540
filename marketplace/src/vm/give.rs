//! Brings answers, or the news that none will come, to the processes that wait.

use crate::conversation::duct::Back;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::broken::Broken;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::network::owner::ProcessSlot;
use crate::process::Context;
use crate::process::action::{Act, Given, Giving};
use crate::process::error::VmError;
use crate::vm::Vm;
use crate::vm::processes::Answer;

impl Vm {
    pub(super) fn give(
        &mut self,
        slot: ProcessSlot,
        pid: Pid,
        mut giving: Giving,
        id: ActionId,
        context: &mut Context,
    ) {
        if giving.duct.is_empty() {
            return self.processes.fail_between_turns(
                slot,
                Reason::error(VmError::EmptyDuct),
                id.into(),
                context,
            );
        }
        if let Given::Reply(_) = giving.what {
            giving.duct.answered();
            giving.giver.get_or_insert_with(|| Back::Process { vm: self.processes.path.clone(), pid });
        }
        self.route(giving, id, context);
    }

    /// Brings an answer on a duct to its process, wherever in the tower that is.
    pub(super) fn route(&mut self, giving: Giving, id: ActionId, context: &mut Context) {
        let Some((hop, _)) = giving.duct.top() else { unreachable!("nothing is given on an empty duct") };
        let returns = matches!(giving.what, Given::Returned(_));
        if !returns && !hop.site.is_of_tower(&self.processes.site) {
            return self.undelivered(giving, id, context);
        }
        let to = match &giving.what {
            Given::Returned(_) => giving.giver.as_ref(),
            Given::Reply(_) | Given::Nothing(_) => Some(&hop.to),
        };
        match to {
            Some(Back::Process { vm, pid }) if vm.starts_with(&self.processes.path) => {
                let (inner, pid) = (&vm[self.processes.path.len()..], *pid);
                let heard = self.within(inner, context, |vm, context| {
                    let heard = vm.hear_given(pid, &giving, id, context);
                    (heard, vm.processes.ledger.take_losses())
                });
                let heard = heard.and_then(|(heard, losses)| {
                    // The other VM may have nothing else to do, so this one tells of its losses.
                    self.processes.ledger.extend(losses);
                    heard
                });
                match (heard, &giving.what) {
                    (Some(answer), Given::Nothing(reason)) => self.told_nothing(&giving.duct, reason, answer),
                    (Some(_), _) => {}
                    (None, _) => self.undelivered(giving, id, context),
                }
            }
            Some(Back::Promise(resolver)) => {
                let answer = AnswerTo::Resolver(resolver.clone());
                let result = match giving.what {
                    Given::Reply(body) => Ok(body),
                    Given::Nothing(reason) => Err(Broken::gone(&reason)),
                    Given::Returned(_) => return,
                };
                self.give_answer(answer, result, id, context);
            }
            Some(_) => self.send_out(giving, context),
            None => unreachable!("what returns to its giver was given"),
        }
    }

    /// The answer is for a process further out.
    fn send_out(&mut self, giving: Giving, context: &mut Context) {
        let pid = match &giving.giver {
            Some(Back::Process { vm, pid }) if **vm == *self.processes.path => *pid,
            _ => Pid::BOOT,
        };
        let mut waiting = ProcessSlot::NONE;
        if self.processes.path.is_empty()
            && let Some(slot) = self.processes.find(pid)
            && let Some(entry) = self.processes.get_mut(slot)
        {
            entry.awaited += 1;
            waiting = slot;
        }
        self.hand_out(waiting, pid, context.action.0, Act::Give(Box::new(giving)), context);
    }

    /// The process is gone, or ends: the process that gave it an answer hears that.
    fn undelivered(&mut self, giving: Giving, id: ActionId, context: &mut Context) {
        match (&giving.what, &giving.giver) {
            (Given::Reply(_), Some(_)) => {
                self.route(Giving { what: Given::Returned(Reason::gone()), ..giving }, id, context);
            }
            (Given::Nothing(_), _) => self.untold(&giving.duct, context),
            // Neither who waits nor who gave is there.
            (Given::Returned(_), _) => {}
            (Given::Reply(_), None) => unreachable!("a reply has a giver"),
        }
    }

    /// The first endpoint of the process with a clause for this hears it. `None`: the process is
    /// not there.
    fn hear_given(
        &mut self,
        pid: Pid,
        giving: &Giving,
        id: ActionId,
        context: &mut Context,
    ) -> Option<Answer> {
        let there = |slot: &ProcessSlot| self.processes.get(*slot).is_some_and(|entry| !entry.deaf);
        let slot = self.processes.find(pid).filter(there)?;
        let Some((hop, rest)) = giving.duct.top() else { unreachable!("nothing is given on an empty duct") };
        let rest = rest.held();
        let event = match &giving.what {
            Given::Reply(body) => Event::reply_to(&hop.wire, body, &rest),
            Given::Nothing(reason) => Event::duct_absence(Some(&hop.wire), &rest, reason),
            Given::Returned(reason) => Event::duct_absence(None, &giving.duct, reason),
        };
        for endpoint in self.endpoints_of(slot) {
            let Some(ear) = self.network.endpoints.get(endpoint.slot) else {
                unreachable!("no endpoint comes or goes while those of a process are asked")
            };
            let answer = self.processes.hear(ear.owner.process, ear.owner.handler, &event, id, context);
            if answer != Answer::Skipped {
                return Some(answer);
            }
        }
        #[cfg(debug_assertions)]
        if let (Given::Nothing(_), Some(_)) = (&giving.what, &giving.giver) {
            self.passed_in_vain(slot, &hop.wire, context);
        }
        Some(Answer::Skipped)
    }
}
