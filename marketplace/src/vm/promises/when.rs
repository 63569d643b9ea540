//! Lets processes wait for promises, and calls them.

use std::sync::Arc;

use crate::conversation::duct::Duct;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::broken::Broken;
use crate::conversation::promise::when::{News, Waiter, When};
use crate::conversation::promise::{Open, PromiseState, There};
use crate::data::few::Few;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::Act;
use crate::process::objects::asks::Gather;
use crate::process::{Context, KeptSlot};
use crate::record::trace::Heard;
use crate::vm::Vm;

#[cfg(test)]
mod tests;

impl Vm {
    /// The process waits until the promise is settled for which it keeps this.
    pub(in crate::vm) fn wait(
        &mut self,
        slot: ProcessSlot,
        kept: KeptSlot,
        id: ActionId,
        context: &mut Context,
    ) {
        let Some(entry) = self.processes.get_mut(slot).filter(|entry| !entry.deaf) else { return };
        let Some((on, only_broken)) = entry.body.awaited(kept) else { return };
        entry.awaited += 1;
        let pid = entry.pid;
        let when = When::Process(Waiter { site: self.processes.site.clone(), pid, process: slot, kept });
        if only_broken {
            self.wait_for_end(&on, when, id, context);
        } else {
            self.wait_for(on, when, id, context);
        }
    }

    /// Lets somebody wait until a promise is settled. If it is settled already, the news of it is
    /// queued.
    pub(super) fn wait_for(&mut self, on: Value, when: When, id: ActionId, context: &mut Context) {
        let Some(promise) = on.as_reference() else { return self.queue_news(when, Ok(on), id, context) };
        // It is dropped behind the lock of the promise.
        let mut over = Vec::new();
        let tower = self.processes.site.tower_id();
        let mut at = promise.clone();
        let result = loop {
            if at.is_object() {
                break Ok(Value::from(at));
            }
            if !at.is_of_tower(tower) {
                break Err(Broken::Foreign.into());
            }
            let next = match at.state().as_deref_mut() {
                Some(PromiseState::Open(open)) => return self.wait_at(open, when, &mut over),
                Some(PromiseState::Draining(draining)) => return draining.whens.push(when),
                Some(PromiseState::Settled(value)) => match value.as_reference() {
                    Some(next) => next.clone(),
                    None => break Ok(value.clone()),
                },
                Some(PromiseState::Broken { reason, unheard, .. }) => {
                    *unheard = None;
                    break Err(reason.clone());
                }
                Some(PromiseState::Waived) | None => break Err(Broken::Abandoned.into()),
                Some(PromiseState::There(_) | PromiseState::Ending(..)) => {
                    unreachable!("what is there is an object")
                }
            };
            at = at.pass_on_to(next);
        };
        self.queue_news(when, result, id, context);
    }

    /// Lets somebody wait until an object is gone.
    fn wait_for_end(&mut self, on: &Value, when: When, id: ActionId, context: &mut Context) {
        let Some(object) = on.as_reference() else { return };
        if !object.is_of_tower(self.processes.site.tower_id()) {
            return self.queue_news(when, Err(Broken::Foreign.into()), id, context);
        }
        // It is dropped behind the lock of the object.
        let mut over = Vec::new();
        let why = match object.state().as_deref_mut() {
            Some(PromiseState::Open(open)) => return self.wait_at(open, when, &mut over),
            Some(PromiseState::Draining(draining)) => return draining.whens.push(when),
            Some(PromiseState::There(There { watchers, .. })) => {
                let watchers = watchers.get_or_insert_default();
                self.make_room(watchers, &mut over);
                return watchers.push(when);
            }
            Some(PromiseState::Ending(_, watchers)) => return watchers.push(when),
            Some(PromiseState::Broken { reason, .. }) => reason.clone(),
            _ => Broken::Abandoned.into(),
        };
        self.queue_news(when, Err(why), id, context);
    }

    /// Lets somebody wait at a promise that is open. Those go to `over` who are taken out for that.
    pub(super) fn wait_at(&self, open: &mut Open, when: When, over: &mut Vec<When>) {
        if let Few::More(whens) = &mut open.whens {
            self.make_room(whens, over);
        }
        open.wait(when, &self.processes.site);
    }

    /// Makes room for one more who waits. Before the list grows, those are taken out to whom
    /// nothing can be told any more: so it is at most twice as long as it has to be.
    /// They go to `over`: whatever is in them must not be dropped while the list is locked.
    fn make_room(&self, whens: &mut Vec<When>, over: &mut Vec<When>) {
        if whens.len() == whens.capacity() {
            over.extend(whens.extract_if(.., |when| self.is_over(when)));
            // As many wait until the next time.
            whens.reserve(whens.len() + 1);
        }
    }

    /// Whether nothing can be told to this one any more. A process of another VM may be there as
    /// long as that VM is.
    fn is_over(&self, when: &When) -> bool {
        match when {
            When::Process(Waiter { site, pid, process, .. }) if Arc::ptr_eq(site, &self.processes.site) => {
                self.processes.get(*process).is_none_or(|entry| entry.pid != *pid || entry.deaf)
            }
            When::Process(Waiter { site, .. }) => site.is_over(),
            When::Gathering(gathering, _) => gathering.is_over(),
            When::Duct(_) | When::Host(_) => false,
        }
    }

    fn queue_news(&mut self, when: When, result: Result<Value, Reason>, id: ActionId, context: &mut Context) {
        self.queue_own(Act::News(Box::new(News::new(when, result))), id, context);
    }

    /// Calls a process that has waited.
    pub(super) fn call_when(
        &mut self,
        waiter: &Waiter,
        result: &Result<Value, Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        self.call_here(waiter, result, id, context);
    }

    #[inline(always)]
    pub(super) fn call_here(
        &mut self,
        &Waiter { pid, process: slot, kept, .. }: &Waiter,
        result: &Result<Value, Reason>,
        id: ActionId,
        context: &mut Context,
    ) {
        let entry = self.processes.get_mut(slot).filter(|entry| entry.pid == pid && !entry.deaf);
        let Some(entry) = entry else { return };
        entry.awaited -= 1;
        let heard = || (Heard::Settled(result.as_ref().map(Value::seen).map_err(Reason::seen)), Duct::EMPTY);
        let called = self.processes.turn(slot, id.into(), context, heard, |body, lane, context| {
            body.hear_settled(kept, result, lane, context)
        });
        if let Some(Err(())) = called
            && let Some(entry) = self.processes.get_mut(slot)
        {
            context.undecided.drain(..).for_each(|answer| entry.owe(answer));
        }
        self.collect(slot, pid, context);
    }

    /// A process waits for something that cannot happen any more.
    pub(super) fn call_off(
        &mut self,
        &Waiter { pid, process: slot, kept, .. }: &Waiter,
        context: &mut Context,
    ) {
        let entry = self.processes.get_mut(slot).filter(|entry| entry.pid == pid && !entry.deaf);
        let Some(entry) = entry else { return };
        entry.awaited -= 1;
        let turn = context.turn;
        if let Err(reason) = entry.body.release_kept(kept) {
            self.processes.fail_between_turns(slot, *reason, turn.into(), context);
        }
        self.collect(slot, pid, context);
    }

    /// Waits for several promises as for one.
    pub(in crate::vm) fn gather(&mut self, gather: Gather, id: ActionId, context: &mut Context) {
        let Gather { promises, gathering } = gather;
        if promises.is_empty()
            && let Some((decider, result)) = gathering.settle_empty()
        {
            return self.give_answer(AnswerTo::Promise(decider), result, id, context);
        }
        for (at, promise) in promises.into_iter().enumerate() {
            self.wait_for(promise, When::Gathering(gathering.clone(), at), id, context);
        }
    }
}
