//! An answer that is owed, and on its way, in a box of its own.
//!
//! The box of an answer is used again, with its promise if nobody has that: nobody keeps the
//! promises of most answers. Each saves an allocation, and so 170 instructions of a message.

use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::conversation::duct::Site;
use crate::conversation::promise::PromiseState;
use crate::conversation::promise::answer::{AnswerTo, Decider, Failing};
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::when::{Waiter, When};
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::spare::Spare;
use crate::data::value::{Value, View};

thread_local! {
    /// Boxes of answers that have been given, or that nobody wanted.
    static SPARE: Spare<Box<Answering>> = const { Spare::new() };
}

/// The answer that a method or a continuation owes. It is empty when the answer has been given.
#[derive(Default)]
pub(crate) struct Owed(Option<Box<Answering>>);

/// An answer, before it is there and on its way.
pub(crate) struct Answering {
    pub(crate) answer: AnswerTo,
    /// The process that waits for the promise which the answer settles: it alone had that, and has
    /// let go of it.
    // At the promise itself it would have to be looked for three times: 200 instructions of a
    // round of a send, its answer and a `when`, which are 2,650 then.
    waiter: Option<Waiter>,
    /// Somebody waits at the promise, or may soon.
    is_waited_for: bool,
    pub(crate) result: Result<Value, Reason>,
}

impl Owed {
    pub(crate) const NOTHING: Self = Self(None);

    /// Lets it settle a new promise.
    #[inline]
    pub(crate) fn promise(&mut self) -> Reference {
        self.0.get_or_insert_with(Answering::spare).promise()
    }

    /// Lets the answer go to nobody from now on, unless somebody wants it. Says whether anybody
    /// does.
    #[inline]
    pub(crate) fn keep_if_wanted(&mut self) -> bool {
        self.0
            .as_mut()
            .is_some_and(|answering| answering.waiter.is_some() || answering.answer.keep_if_wanted())
    }

    /// Lets go of its box, if it is known that nobody wants it: it may be long until it is there.
    #[inline]
    pub(crate) fn let_go(&mut self) {
        if let Some(unwanted) = self.0.take_if(|answering| answering.is_spare()) {
            unwanted.retire();
        }
    }

    /// Where it goes.
    pub(crate) fn look(&self) -> Option<&Answering> {
        self.0.as_deref()
    }

    #[inline]
    pub(crate) const fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    /// Takes out where it goes.
    pub(crate) fn into_answer(self) -> AnswerTo {
        self.0.map_or(AnswerTo::Nobody, |answering| answering.open().0)
    }

    /// Where it goes, to be changed.
    pub(crate) fn answer_mut(&mut self) -> &mut AnswerTo {
        let answering = self.0.get_or_insert_with(Answering::spare);
        answering.wait_at_promise();
        &mut answering.answer
    }

    /// Notes what failed, if nobody wants it.
    #[cold]
    pub(crate) fn note_failing(&mut self, failing: impl FnOnce() -> Failing) {
        let answer = self.answer_mut();
        *answer = mem::take(answer).of_failing(failing);
    }

    /// Lets this process wait for the promise that it settles, if that is the one which the process
    /// had, and nobody else has it. Says whether it does.
    #[inline]
    pub(super) fn let_wait(&mut self, promise: &Reference, waiter: impl FnOnce() -> Waiter) -> bool {
        let Some(answering) = &mut self.0 else { return false };
        let AnswerTo::Promise(decider) = &answering.answer else { return false };
        if !decider.promise().is(promise) {
            return false;
        }
        // The process has it, and so does the decider.
        if answering.is_waited_for || !promise.is_held(2) {
            answering.is_waited_for = true;
            return false;
        }
        mem::forget(answering.waiter.replace(waiter()));
        true
    }

    /// The answer is there: it is on its way.
    #[inline]
    pub(crate) fn give(&mut self, result: Result<Value, Reason>) -> Box<Answering> {
        let mut answering = self.0.take().unwrap_or_else(Answering::spare);
        // Nothing is in it that would have to be dropped.
        mem::forget(mem::replace(&mut answering.result, result));
        answering
    }

    /// Drops where it goes, if that is not to be used again.
    #[inline]
    pub(crate) fn forget(&mut self) {
        if self.0.as_ref().is_some_and(|answering| !answering.is_spare()) {
            self.0 = None;
        }
    }

    /// It is not given: its box is used again.
    #[inline]
    pub(crate) fn retire(self) {
        if let Some(answering) = self.0 {
            answering.retire();
        }
    }
}

impl Answering {
    const NOTHING: Self =
        Self { answer: AnswerTo::Nobody, waiter: None, is_waited_for: false, result: Ok(Value::UNIT) };

    /// An answer to be, to nobody.
    #[inline]
    fn spare() -> Box<Self> {
        SPARE.try_with(Spare::take).ok().flatten().unwrap_or_else(|| Box::new(Self::NOTHING))
    }

    /// An answer.
    pub(crate) fn boxed(answer: AnswerTo, result: Result<Value, Reason>) -> Box<Self> {
        let mut answering = Self::spare();
        (answering.answer, answering.result) = (answer, result);
        answering
    }

    #[inline]
    fn promise(&mut self) -> Reference {
        self.is_waited_for = false;
        if let AnswerTo::Spare(spare) = &mut self.answer
            && let Some(own) = spare.take_if(Reference::renew)
        {
            let promise = own.clone();
            // Nothing is there that would have to be dropped.
            mem::forget(mem::replace(&mut self.answer, AnswerTo::Promise(Decider::of(own))));
            return promise;
        }
        let (promise, decider) = Reference::promise();
        self.answer = AnswerTo::Promise(decider);
        promise
    }

    /// The process that waits for it, if it waits at this site, and the answer needs no more of the
    /// promise: it is no other promise, nobody has this one, and nothing has ever waited there.
    #[inline]
    pub(crate) fn take_waiter(&mut self, site: &Arc<Site>) -> Option<Waiter> {
        let Self { answer: AnswerTo::Promise(decider), waiter: Some(waiter), result: Ok(value), .. } = self
        else {
            return None;
        };
        let is_promise = value.as_reference().is_some_and(|reference| !reference.is_object());
        if is_promise || !Arc::ptr_eq(&waiter.site, site) || !decider.is_never_used() {
            return None;
        }
        self.keep_promise();
        self.waiter.take()
    }

    /// The message that waits for it, if it is an object at this site: it goes on to that. The
    /// place in the queue is that of the message itself if nobody else waits, and nobody has the
    /// promise.
    // With a place of the promise, a message in a pipeline takes 5,000 instructions, and not 2,030.
    #[inline]
    pub(crate) fn take_message(&mut self, site: &Arc<Site>) -> Option<Box<Sending>> {
        let Self { answer: AnswerTo::Promise(decider), waiter: None, result: Ok(value), .. } = self else {
            return None;
        };
        let (promise, View::Reference(object)) = (decider.promise(), value.view()) else { return None };
        // The decider has it, and so does the message.
        let is_alone = promise.is_held(2) && promise.is_of_tower(site.tower_id());
        if !is_alone || object.near(site).is_none() && object.spot_at(site).is_none() {
            return None;
        }
        let mut sending = match promise.state().as_deref_mut() {
            Some(PromiseState::Open(open)) => open.take_only(promise)?,
            _ => return None,
        };
        sending.is_for(object.clone());
        if !decider.is_never_used() {
            // A weak reference to it is no holder, but may become one.
            drop(decider.take());
        }
        self.keep_promise();
        Some(sending)
    }

    /// The process that waits, waits at the promise itself from now on.
    #[inline]
    fn wait_at_promise(&mut self) {
        if self.waiter.is_some() {
            self.note_waiter();
        }
    }

    #[cold]
    #[inline(never)]
    fn note_waiter(&mut self) {
        if let Some(waiter) = self.waiter.take()
            && let AnswerTo::Promise(decider) = &self.answer
            && let Some(PromiseState::Open(open)) = decider.promise().state().as_deref_mut()
        {
            let later = mem::take(&mut open.whens);
            let site = waiter.site.clone();
            open.wait(When::Process(waiter), &site);
            later.each(|when| open.whens.push(when));
        }
    }

    /// Keeps the promise, which has been seen to be as if it had never been used, to be used again.
    #[inline]
    fn keep_promise(&mut self) {
        if let AnswerTo::Promise(decider) = &mut self.answer {
            let spare = decider.take();
            // The decider has no promise any more.
            mem::forget(mem::replace(&mut self.answer, AnswerTo::Spare(spare)));
        }
    }

    /// The process that waits for it, but not at the promise.
    pub(crate) const fn waiter(&self) -> Option<&Waiter> {
        self.waiter.as_ref()
    }

    /// Takes everything out. The box is used again.
    pub(crate) fn open(mut self: Box<Self>) -> (AnswerTo, Result<Value, Reason>) {
        self.wait_at_promise();
        let opened = (mem::take(&mut self.answer), mem::replace(&mut self.result, Ok(Value::UNIT)));
        self.retire();
        opened
    }

    /// It has been given, or is not wanted: its box is used again.
    #[inline]
    pub(crate) fn retire(mut self: Box<Self>) {
        if self.is_spare() {
            self.result = Ok(Value::UNIT);
            // A thread that is ending owes nothing any more.
            let _ = SPARE.try_with(|spare| spare.put(self));
        }
    }

    #[inline]
    const fn is_spare(&self) -> bool {
        matches!(self.answer, AnswerTo::Nobody | AnswerTo::Spare(_))
    }

    /// How many bytes the answer takes.
    #[inline]
    pub(crate) fn bytes(&self) -> u32 {
        self.result.as_ref().map_or(0, Value::bytes)
    }

    /// The answer for somebody who only looks on.
    pub(crate) fn seen(&self) -> Result<Value, Reason> {
        self.result.as_ref().map(Value::seen).map_err(Reason::seen)
    }
}

impl Drop for Answering {
    /// If it is dropped on its way, its promise breaks.
    #[inline]
    fn drop(&mut self) {
        self.wait_at_promise();
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(value) => write!(f, "answer {value}"),
            Err(reason) => write!(f, "answer with an error ({reason})"),
        }
    }
}
