//! The recorder: it keeps all that happens (a trace), the last turns (the log), or writes lines for
//! people (verb).

use std::fmt;
use std::sync::Arc;

use crate::conversation::called::Called;
use crate::conversation::duct::{Duct, Site};
use crate::conversation::pid::Pid;
use crate::data::numbers::{ActionId, Cause, Stamp, TurnId};
use crate::data::one_line::one_line;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::record::log::{Log, LoggedDuct, LoggedTurn, Origin, Produced, Snapshot, ToldHost};
use crate::record::queued::OfQueued;
use crate::record::trace::{Asked, Heard, Performed, Trace, TurnOutcome};
use crate::record::watched::Watched;

/// From this depth on the depth is written as a number.
const DEEP: u32 = 32;

pub(crate) struct Recorder {
    trace: Option<Trace>,
    pub(crate) log: Log,
    verb: bool,
    /// Somebody else looks on than the log: there is a trace, or verb is on.
    others: bool,
    pub(crate) watched: Option<Watched>,
    /// The depths of the causes of the actions that were queued since verb was turned on.
    depths: OfQueued<u32>,
    /// The depth of the actions that are asked for now.
    pub(crate) depth: u32,
    /// The lines, until the host fetches them, after each of its steps.
    lines: Vec<String>,
    /// The places in other vats where queued actions were sent, while the log is on.
    origins: OfQueued<Origin>,
    /// The turns that asked for actions which are on their way out, or which the kernel asks for
    /// because of what they asked for.
    turns: OfQueued<TurnId>,
    /// The messages that wait at a promise, by the actions that sent them.
    waiting: OfQueued<Waiting>,
    origin: Option<Origin>,
    /// The promise that the answer settles which is being performed, while verb is on.
    answering: Option<Reference>,
}

/// A message that waits, as it was sent.
struct Waiting {
    turn: TurnId,
    depth: u32,
    origin: Option<Origin>,
}

/// A turn that is over.
pub(crate) struct Taken<'a> {
    pub(crate) vm: &'a Arc<[Pid]>,
    pub(crate) pid: Pid,
    pub(crate) name: Option<&'a Value>,
    pub(crate) called: Called,
    pub(crate) id: TurnId,
    /// The action or turn that led to it, and the turn.
    pub(crate) cause: Cause,
    pub(crate) cause_turn: TurnId,
    pub(crate) stamp: Stamp,
    pub(crate) heard: (Heard, Duct),
    pub(crate) outcome: TurnOutcome,
    pub(crate) snapshot: Option<Snapshot>,
}

impl Recorder {
    pub(crate) fn new(trace: Option<Trace>) -> Self {
        Self {
            others: trace.is_some(),
            watched: None,
            trace,
            log: Log::new(),
            verb: false,
            depths: OfQueued::new(),
            depth: 0,
            lines: Vec::new(),
            origins: OfQueued::new(),
            turns: OfQueued::new(),
            waiting: OfQueued::new(),
            origin: None,
            answering: None,
        }
    }

    /// Whether there is anything to do.
    // Each action and each turn asks. If each way to look on is asked, a message between two
    // processes takes 6 instructions more. Not `||`, which is a jump.
    #[inline]
    pub(crate) const fn is_on(&self) -> bool {
        self.log.is_on() | self.others
    }

    /// Lets turns be watched from now on.
    pub(crate) fn watched(&mut self) -> &mut Watched {
        self.watched.get_or_insert_with(Watched::new)
    }

    /// A turn begins: somebody may watch. `called` is asked for only then.
    // With `ends`, in line in a turn: 3 instructions of a message if nobody watches, and 20 or 5 ns
    // if somebody does. With a function of its own for watched turns these took 19 ns more.
    #[inline]
    pub(crate) fn begins(&self, turn: TurnId, pid: Pid, site: &Arc<Site>, called: impl FnOnce() -> Called) {
        if let Some(watched) = &self.watched {
            watched.begins(turn, pid, site, called());
        }
    }

    /// A turn is over. Says whether somebody watches who wants to be told.
    #[inline]
    pub(crate) fn ends(&self, turn: TurnId) -> bool {
        self.watched.as_ref().is_some_and(|watched| watched.ends(turn))
    }

    pub(crate) fn set_verb(&mut self, on: bool) {
        self.verb = on;
        self.others = on || self.trace.is_some();
        self.depths = OfQueued::new();
        self.lines.clear();
    }

    pub(crate) const fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    pub(crate) const fn is_verb(&self) -> bool {
        self.verb
    }

    pub(crate) fn take_lines(&mut self) -> impl Iterator<Item = String> {
        self.lines.drain(..)
    }

    /// Notes that an action goes one level out, because of this turn.
    pub(crate) fn handed_out(&mut self, action: ActionId, turn: TurnId) {
        self.turns.insert(action, turn);
        if self.verb {
            self.depths.insert(action, self.depth);
        }
    }

    /// Notes that the message of a send waits: it is delivered later, in the name of this turn.
    pub(crate) fn set_aside(&mut self, send: ActionId, turn: TurnId) {
        self.waiting.insert(send, Waiting { turn, depth: self.depth, origin: self.origin });
    }

    /// Notes that a message is about to be delivered, or to wait elsewhere, which was set aside.
    /// Gives the turn that sent it.
    pub(crate) fn take_up(&mut self, send: ActionId) -> Option<TurnId> {
        let Waiting { turn, depth, origin } = self.waiting.remove(send)?;
        (self.depth, self.origin) = (depth, origin);
        Some(turn)
    }

    /// Notes that the host is about to perform an action, or to tell something by itself. Gives the
    /// turn that asked for it, if it came from further in.
    #[inline]
    pub(crate) fn outside(&mut self, action: Option<ActionId>) -> Option<TurnId> {
        if self.depths.is_empty() && self.turns.is_empty() {
            self.depth = 0;
            return None;
        }
        self.depth = action.and_then(|action| self.depths.remove(action)).map_or(0, |depth| depth + 1);
        self.turns.remove(action?)
    }

    /// Notes that a process quits which has failed between its turns. The cause is the turn in
    /// which the process was `told` of an action or of the turn of a VM around, or if there was
    /// none, this turn.
    pub(crate) fn failed(&mut self, vm: &[Pid], quits: &impl Asked, told: Cause, turn: TurnId) {
        let action = quits.action();
        let (Performed::Quit(_, Some(reason)), Some(pid)) = (&action, quits.pid()) else {
            unreachable!("a process that has failed quits, for a reason")
        };
        let mut cause = turn;
        if self.log.is_on()
            && let Some(logged) = self.log.last_of(vm, pid, told, turn)
        {
            cause = TurnId::of(logged.id);
            logged.failed.get_or_insert_with(|| reason.clone());
            logged.produced.push(Produced { id: quits.id().number(), action });
        }
        self.turns.insert(quits.id(), cause);
        if self.verb {
            self.depths.insert(quits.id(), self.depth);
        }
    }

    /// Notes that a promise is settled with this, or broken. If an answer settles it that is being
    /// performed, that one's line says so already.
    pub(crate) fn settles(&mut self, promise: &Reference, result: Result<&Value, &Reason>) {
        if self.verb && self.answering.take().is_none_or(|answering| answering != *promise) {
            let what = match result {
                Ok(value) => format!("gives {value}"),
                Err(reason) => format!("is broken: {}", one_line(reason)),
            };
            self.lines.push(format!("{} {promise:?} {}", bars(self.depth), one_line(what)));
        }
    }

    /// Notes that the host hears an answer which the turn has asked for.
    pub(crate) fn told_host(
        &mut self,
        (action, turn): (ActionId, TurnId),
        stamp: Stamp,
        heard: Result<&Value, &Reason>,
    ) {
        let heard = heard.map(Value::seen).map_err(Reason::seen);
        let told = ToldHost { action: action.number(), stamp: stamp.number(), heard };
        if self.verb {
            self.lines.push(format!("{} {told}", bars(self.depth)));
        }
        if self.log.is_on()
            && let Some(logged) = self.log.get_mut(turn)
        {
            logged.told_host.push(told);
        }
    }

    /// Notes that nobody has heard of this error of an action that the turn asked for.
    pub(crate) fn unheard(&mut self, turn: TurnId, reason: &Reason) {
        if self.log.is_on()
            && let Some(logged) = self.log.get_mut(turn)
        {
            logged.unheard.push(reason.seen());
        }
    }

    /// Notes that an action is about to be performed. Gives the turn that asked for it.
    /// `instead`: the action as it is noted, if more is known of it than it says itself.
    pub(crate) fn performed(
        &mut self,
        vm: &Arc<[Pid]>,
        (name, called): (Option<&Value>, Called),
        is_place: bool,
        asked: &impl Asked,
        instead: Option<Performed>,
    ) -> TurnId {
        let turn = self.turns.remove(asked.id()).unwrap_or_else(|| asked.cause().as_turn());
        self.origin = self.origins.remove(asked.id());
        if asked.has_begun() {
            return turn;
        }
        if let Some(instead) = &instead
            && let Some(logged) = self.log.get_mut(turn)
            && let Some(it) = logged.produced.iter_mut().find(|it| it.id == asked.id().number())
        {
            it.action = instead.clone();
        }
        let action = || instead.clone().unwrap_or_else(|| asked.action());
        if self.verb {
            let depth = self.depths.remove(asked.id()).unwrap_or(0);
            self.depth = depth + 1;
            // The place of a nested VM is not told.
            let action = action();
            if !is_place {
                self.lines.push(match asked.pid() {
                    None if action.is_kernels() => format!("{} {}VM {action}", bars(depth), Around(vm)),
                    pid => line(depth, vm, name, called, pid, &action),
                });
            }
            self.answering = match action {
                Performed::Answer(promise, _) => promise,
                _ => None,
            };
        }
        if let Some(trace) = &mut self.trace {
            trace.performed(vm, asked, action());
        }
        turn
    }

    /// Notes that something came from another vat: an action that is queued or, without a number,
    /// an event that is about to be heard.
    pub(crate) fn arrived(&mut self, action: Option<ActionId>, origin: Origin) {
        match action {
            Some(action) if self.log.is_on() => self.origins.insert(action, origin),
            Some(_) => {}
            None => self.origin = Some(origin),
        }
    }

    /// Where the events come from now, if that is another vat.
    pub(crate) const fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// Notes where the events from now on come from.
    pub(crate) const fn comes_from(&mut self, origin: Option<Origin>) {
        self.origin = origin;
    }

    /// Notes that the events from now on come from this VM's own host.
    pub(crate) const fn at_home(&mut self) {
        self.origin = None;
    }

    pub(crate) fn turn(&mut self, taken: Taken<'_>) {
        let Taken {
            vm,
            pid,
            name,
            called,
            id,
            cause,
            cause_turn,
            stamp,
            heard: (heard, duct),
            outcome,
            snapshot,
        } = taken;
        let heard = match heard {
            Heard::Child(child) => Heard::Child(child.map_err(|reason| reason.seen())),
            heard => heard,
        };
        let outcome = match outcome {
            TurnOutcome::Failed(reason) => TurnOutcome::Failed(reason.seen()),
            done => done,
        };
        if self.verb && matches!(heard, Heard::Sent(..) | Heard::Settled(_) | Heard::Released(_)) {
            self.lines.push(line(self.depth, vm, name, called, Some(pid), &heard));
        }
        if self.log.is_on() {
            self.log.push(LoggedTurn {
                id: id.number(),
                action: cause.number(),
                cause: cause_turn.number(),
                stamp: stamp.number(),
                origin: self.origin.filter(|_| cause_turn == TurnId::NONE),
                vm: vm.clone(),
                pid,
                name: name.cloned(),
                called,
                heard: heard.clone(),
                duct: LoggedDuct::of(&duct),
                produced: Vec::new(),
                failed: match &outcome {
                    TurnOutcome::Failed(reason) => Some(reason.clone()),
                    TurnOutcome::Done { .. } => None,
                },
                unheard: Vec::new(),
                told_host: Vec::new(),
                snapshot,
            });
        }
        if let Some(trace) = &mut self.trace {
            trace.turn(vm, pid, id, cause, heard, outcome);
        }
    }

    /// Notes the actions that the turn has put into the queue.
    pub(crate) fn produced<'a>(
        &mut self,
        turn: TurnId,
        actions: impl Iterator<Item = &'a (impl Asked + 'a)>,
    ) {
        let mut logged = if self.log.is_on() { self.log.get_mut(turn) } else { None };
        if logged.is_none() && !self.verb {
            return;
        }
        for asked in actions {
            if let Some(logged) = &mut logged {
                logged.produced.push(Produced { id: asked.id().number(), action: asked.action() });
            }
            if self.verb {
                // An action from further in has the depth that it had there.
                self.depths.insert_new(asked.id(), self.depth);
            }
        }
    }

    /// Notes that the process waits for these promises since its turn: nothing of that is queued.
    pub(crate) fn waits(
        &mut self,
        vm: &Arc<[Pid]>,
        (name, called): (Option<&Value>, Called),
        turn: TurnId,
        waits: &[impl Asked],
    ) {
        for asked in waits {
            let action = asked.action();
            if self.verb {
                self.lines.push(line(self.depth, vm, name, called, asked.pid(), &action));
            }
            if let Some(trace) = &mut self.trace {
                trace.performed(vm, asked, action.clone());
            }
            if self.log.is_on()
                && let Some(logged) = self.log.get_mut(turn)
            {
                logged.produced.push(Produced { id: asked.id().number(), action });
            }
        }
    }

    pub(crate) fn exit(&mut self, vm: &Arc<[Pid]>, pid: Pid, reason: &Reason) {
        if let Some(trace) = &mut self.trace {
            trace.exit(vm, pid, reason);
        }
    }

    pub(crate) fn dropped(&mut self, vm: &Arc<[Pid]>, pid: Pid) {
        if let Some(trace) = &mut self.trace {
            trace.dropped(vm, pid);
        }
    }
}

/// A line that says what somebody does or hears, indented by the depth of its cause.
fn line(
    depth: u32,
    vm: &Arc<[Pid]>,
    name: Option<&Value>,
    called: Called,
    pid: Option<Pid>,
    what: &dyn fmt::Display,
) -> String {
    let mut line = format!("{} {}", bars(depth), Around(vm));
    match pid {
        Some(pid) => line.push_str(&pid.to_string()),
        None => line.push_str("host"),
    }
    match (name, called.function()) {
        (Some(name), _) => line.push_str(&format!(" {}", one_line(name))),
        (None, Some(function)) => line.push_str(&format!(" {function}")),
        (None, None) => {}
    }
    line.push_str(&format!(" {what}"));
    line
}

/// How deep a line lies.
fn bars(depth: u32) -> String {
    if depth < DEEP { "|".repeat(depth as usize + 1) } else { format!("|{}|", depth + 1) }
}

/// The VMs around something.
struct Around<'a>(&'a [Pid]);

impl fmt::Display for Around<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|pid| write!(f, "{pid}/"))
    }
}
