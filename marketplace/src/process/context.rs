//! The context that goes down with a turn, and comes back with its results.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::conversation::pid::Pid;
use crate::conversation::promise::answer::{AnswerTo, Failing};
use crate::data::numbers::{self, ActionId, Cause, Stamp, TurnId};
use crate::data::reason::Reason;
use crate::data::reference::ReferenceId;
use crate::data::value::Value;
use crate::process::{Exit, Misnamed, Missed, Twins, UnheardError, Unmet};
#[cfg(debug_assertions)]
use crate::process::{NeverMet, Telling};
use crate::record::recorder::Recorder;
use crate::record::trace::Trace;
use crate::record::watched::SlowTurn;

/// The context of a turn. It is handed from the outermost VM down to the process that takes the
/// turn.
pub(crate) struct Context {
    /// The turn that is running, as the cause of its actions; and the cause of the turn.
    pub(crate) turn: TurnId,
    pub(crate) cause: Cause,
    /// The action that is being performed, and the turn that asked for it.
    pub(crate) action: (ActionId, TurnId),
    /// A process that has failed loses its endpoints, in this VM.
    pub(crate) failing: bool,
    /// Logical time: the stamp of the last turn.
    pub(crate) stamp: Stamp,
    /// How many innermost actions may still be performed.
    pub(crate) budget: usize,
    /// How much of that was taken away, so that the host hears of a slow turn at once.
    pub(crate) cut: usize,
    /// Once it is set, no action is performed any more. Any thread that shares it may set it at any
    /// time. `None`: nobody can halt this tower.
    pub(crate) halted: Option<Arc<AtomicBool>>,
    /// Something has been passed in this tower: the host may have ducts.
    pub(crate) has_passed: bool,
    pub(crate) recorder: Recorder,
    /// The processes that have ended, until the host asks.
    pub(crate) exits: Vec<Exit>,
    /// The answers that a process owes which has failed in this turn.
    pub(crate) undecided: Vec<AnswerTo>,
    /// How many errors no promise has taken.
    pub(crate) unheard_errors: u64,
    /// The promises that messages had in them which no object has heard, and the reasons for that:
    /// in the action that is being performed.
    pub(crate) undelivered: (ActionId, Vec<(ReferenceId, Reason)>),
    /// The first of them since the host has asked.
    pub(crate) unheard_reasons: Vec<UnheardError>,
    /// The messages to drivers that are not there, and the processes that waited for one in a VM
    /// that is done: one for each driver, until the host asks.
    pub(crate) unheard: Vec<Unmet>,
    /// In one of the VMs, somebody is known who was meant to hear what nobody heard.
    pub(crate) has_missed: bool,
    /// In one of the VMs, nobody is known who was meant to hear what nobody heard.
    pub(crate) has_kept: bool,
    /// The messages that nobody heard in VMs that are done, with the paths of those, until the host
    /// asks.
    pub(crate) missed: Vec<(Arc<[Pid]>, Missed)>,
    /// The kinds of messages that nobody heard of which the host was told.
    #[cfg(debug_assertions)]
    pub(crate) told_missed: Vec<String>,
    /// The endpoints that waited for a presence in VMs that are done.
    #[cfg(debug_assertions)]
    pub(crate) never_met: Vec<NeverMet>,
    /// How the message is told that is sent now.
    #[cfg(debug_assertions)]
    pub(crate) telling: Telling,
    /// The types that are one message without being meant to, until the host asks.
    pub(crate) twins: Vec<Twins>,
    /// The names of endpoints that were not meant as they are written, until the host asks.
    pub(crate) misnamed: Vec<Misnamed>,
    /// The turns that took long, until the host asks.
    pub(crate) slow: Vec<SlowTurn>,
}

impl Context {
    pub(crate) fn new(trace: Option<Trace>) -> Self {
        Self {
            turn: TurnId::NONE,
            cause: Cause::HOST,
            action: (ActionId::NONE, TurnId::NONE),
            failing: false,
            stamp: Stamp::ZERO,
            budget: 0,
            cut: 0,
            halted: None,
            has_passed: false,
            recorder: Recorder::new(trace),
            exits: Vec::new(),
            undecided: Vec::new(),
            unheard_errors: 0,
            undelivered: (ActionId::NONE, Vec::new()),
            unheard_reasons: Vec::new(),
            unheard: Vec::new(),
            has_missed: false,
            has_kept: false,
            missed: Vec::new(),
            #[cfg(debug_assertions)]
            told_missed: Vec::new(),
            #[cfg(debug_assertions)]
            never_met: Vec::new(),
            #[cfg(debug_assertions)]
            telling: Telling::default(),
            twins: Vec::new(),
            misnamed: Vec::new(),
            slow: Vec::new(),
        }
    }

    /// Whether the host is to be told of messages of this kind that nobody heard: once, and not of
    /// too many kinds.
    #[cfg(debug_assertions)]
    pub(crate) fn has_not_told(&self, kind: &str) -> bool {
        self.told_missed.len() + self.missed.len() < Missed::MOST
            && !self.told_missed.iter().any(|told| told == kind)
            && !self.missed.iter().any(|(_, missed)| missed.kind == kind)
    }

    /// The process that has failed owes this answer: when it ends, the promise breaks, if there is
    /// one. The exit tells that it failed.
    #[cold]
    pub(crate) fn owes(&mut self, answer: AnswerTo) {
        if !answer.is_nobody() {
            self.undecided.push(answer);
        }
    }

    /// No object hears a message with these parts, for this reason, as its answer says. If a
    /// promise among the parts breaks for the same reason, that has been said.
    #[cold]
    pub(crate) fn note_undelivered(&mut self, parts: &[Value], reason: &Reason) {
        if !parts.iter().any(Value::has_references) {
            return;
        }
        let (action, promises) = &mut self.undelivered;
        if *action != self.action.0 {
            *action = self.action.0;
            promises.clear();
        }
        for part in parts {
            part.with_references(&mut |reference| {
                promises.push((reference.id(), reason.clone()));
                reference.clone()
            });
        }
    }

    /// Nobody has taken the reason for which this promise was broken.
    #[cold]
    pub(crate) fn unheard_promise(
        &mut self,
        promise: ReferenceId,
        reason: &Reason,
        failing: Option<Box<Failing>>,
    ) {
        let (action, promises) = &self.undelivered;
        let told = |(other, why): &(ReferenceId, Reason)| *other == promise && why == reason;
        if *action != self.action.0 || !promises.iter().any(told) {
            self.unheard_error(reason, failing.map(|failing| *failing), || None);
        }
    }

    /// Nobody has heard of this error, of the action that is being performed.
    #[cold]
    pub(crate) fn unheard_error(
        &mut self,
        reason: &Reason,
        failing: Option<Failing>,
        of: impl FnOnce() -> Option<String>,
    ) {
        self.unheard_errors += 1;
        if self.unheard_reasons.len() < UnheardError::MOST {
            let (object, verb) =
                failing.map_or((None, None), |Failing { object, verb }| (object, Some(verb)));
            self.unheard_reasons.push(UnheardError { reason: reason.seen(), of: of(), object, verb });
        }
        self.recorder.unheard(self.action.1, reason);
    }

    /// Whether another action may be performed now.
    #[inline]
    pub(crate) fn goes_on(&self) -> bool {
        self.budget > 0 && !self.is_halted()
    }

    /// Whether nothing is to be performed any more.
    #[inline]
    pub(crate) fn is_halted(&self) -> bool {
        self.halted.as_ref().is_some_and(|halted| halted.load(Ordering::Acquire))
    }

    /// The number of a turn that begins. Its stamp is the context's.
    // With the number and the note of it in one place: a delivery takes 4 instructions less.
    #[inline]
    pub(crate) fn begin_turn(&mut self) -> TurnId {
        self.stamp = self.stamp.next();
        numbers::begin_turn(self.stamp)
    }

    /// The stamp of a turn that begins and has its number.
    #[inline]
    pub(crate) fn tick(&mut self, turn: TurnId) -> Stamp {
        self.stamp = self.stamp.next();
        numbers::note_turn(turn, self.stamp);
        self.stamp
    }

    /// The turn behind a cause, which is the action that is being performed or the turn of a VM
    /// around.
    pub(crate) const fn turn_behind(&self, cause: Cause) -> TurnId {
        if cause.is_action(self.action.0) { self.action.1 } else { cause.as_turn() }
    }

    /// Does `work` as the turn of this number, with this cause.
    #[inline]
    pub(crate) fn turn<R>(&mut self, turn: TurnId, cause: Cause, work: impl FnOnce(&mut Self) -> R) -> R {
        let (outer_turn, outer_cause) = (self.turn, self.cause);
        (self.turn, self.cause) = (turn, cause);
        let result = work(self);
        (self.turn, self.cause) = (outer_turn, outer_cause);
        result
    }
}
