//! The log: the last turns, for people who want to know what happened and why.

mod authority;
mod snapshot;
mod walk;

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::Arc;

pub use crate::record::log::authority::DebugAuthority;
pub(crate) use crate::record::log::snapshot::Remains;
pub use crate::record::log::snapshot::Snapshot;
pub use crate::record::log::walk::Tree;

use crate::conversation::called::Called;
use crate::conversation::duct::{Duct, Hop};
use crate::conversation::pid::Pid;
use crate::data::door;
use crate::data::numbers::{Cause, TurnId};
use crate::data::one_line::{OneLine, one_line};
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::record::trace::{Heard, Performed};

/// How many turns a log keeps, unless said otherwise.
pub const LOG_CAPACITY: usize = 256;

/// The last turns that were taken in a tower of VMs while its log was on: for each, the event that
/// the process heard, the actions that it asked for, and the turn that led to it.
///
/// It is for people: no journal, from which a VM could be rebuilt or a turn replayed.
///
/// It keeps [`LOG_CAPACITY`] turns, or as many as [`Log::resize`] says; when it is full, each new
/// turn takes the place of the oldest.
///
/// The log remembers the vat and the inner turn from which queued actions came, for the newest
/// 100,000 of them. If more wait, a turn to which an older one leads has no [`LoggedTurn::origin`],
/// or a [`LoggedTurn::cause`] that is less far in.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| transition_no_state!(
///     subscriber!("ping", on_message!(_ => send_message!("pong"))),
///     subscriber!("pong", on_message!(_ => quit())),
/// ));
/// sim.log_mut().turn_on();
/// sim.send(&"ping".to_string());
/// sim.run();
/// let log = sim.log();
/// let last = log.turns().last().unwrap();
/// assert_eq!(last.to_string(), r#"p0 hears message "pong", quits"#);
/// // Why? Newest first: it heard "pong", because it heard "ping".
/// assert_eq!(log.trace(last.id).len(), 2);
/// ```
#[derive(Debug)]
pub struct Log {
    on: bool,
    capacity: usize,
    /// In the order of their numbers.
    turns: VecDeque<LoggedTurn>,
    logged: u64,
}

/// A turn in a [`Log`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoggedTurn {
    /// The turn's number.
    pub id: u64,
    /// The number of the action that led to it; 0: the host.
    pub action: u64,
    /// The number of the turn that led to it; 0: the host.
    pub cause: u64,
    /// When it was, in logical (Lamport) time: turns of one ground VM have different stamps, and
    /// the cause of a turn has a lower one, also in another vat.
    pub stamp: u64,
    /// The turn in another vat that led to it.
    pub origin: Option<Origin>,
    /// The VMs around the process, from the outside: empty for a process of the ground VM.
    pub vm: Arc<[Pid]>,
    /// The process.
    pub pid: Pid,
    /// Its debug name.
    pub name: Option<Value>,
    pub(crate) called: Called,
    /// The event that it heard.
    pub heard: Heard,
    /// The duct on which it may answer that event.
    pub duct: LoggedDuct,
    /// The actions that it asked for, in order.
    pub produced: Vec<Produced>,
    /// Why it failed, if it did.
    pub failed: Option<Reason>,
    /// The errors of what it asked for that nobody has heard.
    pub unheard: Vec<Reason>,
    /// The answers of it that the host has heard.
    pub told_host: Vec<ToldHost>,
    /// The process's state before the turn, if it is [`peekable`](crate::peekable).
    pub snapshot: Option<Snapshot>,
}

impl LoggedTurn {
    /// The function that booted the process, as `session()`, if that is known and is no closure.
    #[must_use]
    pub fn function(&self) -> Option<String> {
        self.called.function()
    }
}

/// The contents of a turn's duct; the log does not keep the duct itself. It prints one hop a line,
/// from the top.
#[derive(Clone, PartialEq)]
pub struct LoggedDuct(Vec<Hop>);

impl LoggedDuct {
    /// The hops, from the top, as [`DebugAuthority::hops`] shows them.
    pub fn hops(&self) -> impl ExactSizeIterator<Item = String> {
        // The top hop was pushed in the tower whose log this is.
        self.0.iter().map(|hop| hop.shown_at(&self.0[0].site))
    }

    pub(crate) fn of(duct: &Duct) -> Self {
        Self(duct.hops().map(Hop::seen).collect())
    }

    /// Whether the turn had no duct.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for LoggedDuct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hops().try_for_each(|hop| writeln!(f, "{}", one_line(hop)))
    }
}

impl fmt::Debug for LoggedDuct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.hops()).finish()
    }
}

/// An action that a turn asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Produced {
    /// The action's number.
    pub id: u64,
    /// The action.
    pub action: Performed,
}

/// An answer that the host has heard, outside of all turns.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToldHost {
    /// The number of the action that told it.
    pub action: u64,
    /// The stamp of the last turn before.
    pub stamp: u64,
    /// The answer that it heard, or the reason for which there is none.
    pub heard: Result<Value, Reason>,
}

/// One line.
impl fmt::Display for ToldHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match &self.heard {
            Ok(value) => write!(f, "host hears the answer {value}"),
            Err(reason) => write!(f, "host hears that there is no answer: {reason}"),
        }
    }
}

/// The place from which something was sent that came from another vat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The vat's number.
    pub vat: u64,
    /// The turn in it that sent it; 0: none that is known.
    pub turn: u64,
    /// The vat's time when it was sent.
    pub stamp: u64,
}

impl Origin {
    /// Sent by a vat, in a turn (0: none that is known), at its time.
    #[must_use]
    pub const fn new(vat: u64, turn: u64, stamp: u64) -> Self {
        Self { vat, turn, stamp }
    }
}

impl Log {
    pub(crate) const fn new() -> Self {
        Self { on: false, capacity: LOG_CAPACITY, turns: VecDeque::new(), logged: 0 }
    }

    /// Whether turns are being logged.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// Logs turns from now on.
    pub const fn turn_on(&mut self) {
        self.on = true;
    }

    /// Logs no turn any more. The turns that were logged stay.
    pub const fn turn_off(&mut self) {
        self.on = false;
    }

    /// How many turns it keeps at most.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Keeps so many turns from now on: of those it has, the newest.
    pub fn resize(&mut self, capacity: usize) {
        self.capacity = capacity;
        while self.turns.len() > capacity {
            forget(self.turns.pop_front());
        }
        self.turns.shrink_to_fit();
    }

    /// Forgets all turns.
    pub fn clear(&mut self) {
        self.turns.drain(..).for_each(|turn| forget(Some(turn)));
    }

    /// How many turns it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// How many turns it was ever told, also those that it has forgotten since.
    #[must_use]
    pub const fn logged(&self) -> u64 {
        self.logged
    }

    /// The turns, oldest first.
    pub fn turns(&self) -> impl DoubleEndedIterator<Item = &LoggedTurn> + ExactSizeIterator {
        self.turns.iter()
    }

    /// The turn of this number.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&LoggedTurn> {
        self.turns.get(self.turns.binary_search_by_key(&id, |turn| turn.id).ok()?)
    }

    /// The turn with this stamp.
    #[must_use]
    pub fn at_stamp(&self, stamp: u64) -> Option<&LoggedTurn> {
        self.turns.iter().find(|turn| turn.stamp == stamp)
    }

    /// The turn that asked for this action, and the action.
    #[must_use]
    pub fn action(&self, id: u64) -> Option<(&LoggedTurn, &Performed)> {
        let find = |turn: &'_ LoggedTurn| turn.produced.iter().position(|produced| produced.id == id);
        self.turns.iter().find_map(|turn| Some((turn, &turn.produced[find(turn)?].action)))
    }

    /// The turns of one process, oldest first.
    pub fn of_process(&self, vm: &[Pid], pid: Pid) -> impl DoubleEndedIterator<Item = &LoggedTurn> {
        self.turns.iter().filter(move |turn| turn.pid == pid && *turn.vm == *vm)
    }

    /// The turns in which a process failed, or whose errors nobody has heard, oldest first.
    pub fn errors(&self) -> impl DoubleEndedIterator<Item = &LoggedTurn> {
        self.turns.iter().filter(|turn| turn.failed.is_some() || !turn.unheard.is_empty())
    }

    /// The state of the process as it was before this turn; `None` if the turn is not here or the
    /// process is not [`peekable`](crate::peekable).
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let counter = || transition!(0u32, peekable(), subscriber!("up",
    ///     match_state!(n: u32 => on_message!(_ => transition!(n + 1)))));
    /// let mut sim = Sim::new(move |_| counter());
    /// sim.log_mut().turn_on();
    /// for _ in 0..3 {
    ///     sim.send(&"up".to_string());
    /// }
    /// sim.run();
    /// let third = sim.log().turns().last().unwrap();
    /// assert_eq!(sim.log().peek(third.id).unwrap().downcast_ref::<u32>(), Some(&2));
    /// ```
    #[must_use]
    pub fn peek(&self, id: u64) -> Option<&Snapshot> {
        self.get(id)?.snapshot.as_ref()
    }

    pub(crate) fn push(&mut self, turn: LoggedTurn) {
        self.logged += 1;
        if self.turns.len() >= self.capacity {
            // The turn may be older than all that are here.
            if self.turns.front().is_none_or(|oldest| turn.id < oldest.id) {
                return forget(Some(turn));
            }
            forget(self.turns.pop_front());
        }
        // A turn of a nested VM's process lies within a turn of the VM, and ends before it.
        let at = self.turns.iter().rposition(|earlier| earlier.id < turn.id).map_or(0, |before| before + 1);
        self.turns.insert(at, turn);
    }

    /// The turn of this process in which it was just told of an action, or else the turn of this
    /// number, if it is this process's.
    pub(crate) fn last_of(
        &mut self,
        vm: &[Pid],
        pid: Pid,
        told: Cause,
        turn: TurnId,
    ) -> Option<&mut LoggedTurn> {
        let is_its = |turn: &LoggedTurn| turn.pid == pid && *turn.vm == *vm;
        let last = self
            .turns
            .back()
            .filter(|last| is_its(last) && last.action == told.number())
            .map(|last| TurnId::of(last.id));
        self.get_mut(last.unwrap_or(turn)).filter(|turn| is_its(turn))
    }

    pub(crate) fn get_mut(&mut self, id: TurnId) -> Option<&mut LoggedTurn> {
        let at = self.turns.binary_search_by_key(&id.number(), |turn| turn.id).ok()?;
        self.turns.get_mut(at)
    }
}

/// The contents of a turn are the users': a failing destructor can fail no process any more.
fn forget(turn: Option<LoggedTurn>) {
    let _ = door::dispose(turn);
}

impl Drop for Log {
    fn drop(&mut self) {
        self.clear();
    }
}

/// One line: the process (with its name, or else the function that booted it), the event that it
/// heard, the actions that it asked for.
impl fmt::Display for LoggedTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        self.vm.iter().try_for_each(|pid| write!(f, "{pid}/"))?;
        write!(f, "{}", self.pid)?;
        match (&self.name, self.function()) {
            (Some(name), _) => write!(f, " {name}")?,
            (None, Some(function)) => write!(f, " {function}")?,
            (None, None) => {}
        }
        write!(f, " {}", self.heard)?;
        self.produced.iter().try_for_each(|produced| write!(f, ", {}", produced.action))?;
        self.failed.as_ref().map_or(Ok(()), |reason| write!(f, "; fails: {reason}"))?;
        self.unheard.iter().try_for_each(|reason| write!(f, "; nobody hears: {reason}"))?;
        self.told_host.iter().try_for_each(|told| write!(f, "; {told}"))
    }
}
