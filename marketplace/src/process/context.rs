//! The context that goes down with a turn, and comes back with its results.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::conversation::pid::Pid;
use crate::data::numbers;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::record::recorder::Recorder;
use crate::record::trace::Trace;

/// The context of a turn. It is handed from the outermost VM down to the process that takes the
/// turn.
pub(crate) struct Context {
    /// The turn that is running, as the cause of its actions; and the cause of the turn.
    pub(crate) turn: u64,
    pub(crate) cause: u64,
    /// The action that is being performed, and the turn that asked for it.
    pub(crate) action: (u64, u64),
    /// Logical time: the stamp of the last turn.
    pub(crate) stamp: u64,
    /// How many innermost actions may still be performed.
    pub(crate) budget: usize,
    /// Once it is set, no action is performed any more. Any thread that shares it may set it at any
    /// time. `None`: nobody can halt this tower.
    pub(crate) halted: Option<Arc<AtomicBool>>,
    pub(crate) recorder: Recorder,
    /// The processes that have ended, until the host asks.
    pub(crate) exits: Vec<Exit>,
}

impl Context {
    pub(crate) fn new(trace: Option<Trace>) -> Self {
        Self {
            turn: 0,
            cause: 0,
            action: (0, 0),
            stamp: 0,
            budget: 0,
            halted: None,
            recorder: Recorder::new(trace),
            exits: Vec::new(),
        }
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

    /// The stamp of a turn that begins.
    #[inline]
    pub(crate) fn tick(&mut self, turn: u64) -> u64 {
        self.stamp += 1;
        numbers::note_turn(turn, self.stamp);
        self.stamp
    }

    /// The turn behind a cause, which is the action that is being performed or the turn of a VM
    /// around.
    pub(crate) const fn turn_behind(&self, cause: u64) -> u64 {
        if cause == self.action.0 { self.action.1 } else { cause }
    }

    /// Does `work` as the turn of this number, with this cause.
    #[inline]
    pub(crate) fn turn<R>(&mut self, turn: u64, cause: u64, work: impl FnOnce(&mut Self) -> R) -> R {
        let (outer_turn, outer_cause) = (self.turn, self.cause);
        (self.turn, self.cause) = (turn, cause);
        let result = work(self);
        (self.turn, self.cause) = (outer_turn, outer_cause);
        result
    }
}

/// A process that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exit {
    /// The VMs around it, from the outside: empty for a process of the ground VM.
    pub vm: Arc<[Pid]>,
    /// Its PID.
    pub pid: Pid,
    /// Its debug name.
    pub name: Option<Value>,
    /// Why it ended.
    pub reason: Reason,
}
