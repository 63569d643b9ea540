//! The trace: all that happened, in order, for tests and for people.

use std::fmt::{self, Write};
use std::sync::Arc;

use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::role::{Orientation, Role};
use crate::conversation::topic::Topic;
use crate::data::bounded::write_bounded;
use crate::data::numbers::{ActionId, Cause, TurnId};
use crate::data::one_line::OneLine;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::{Value, View};
use crate::data::words;

/// Everything that happened since recording was turned on: actions performed, turns taken,
/// processes ended, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    records: Vec<Record>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The VMs around the process, from the outside: empty for the ground VM.
    pub vm: Arc<[Pid]>,
    /// The process whose action or turn it is; `None`: the host.
    pub pid: Option<Pid>,
    /// The thing that happened.
    pub what: What,
}

/// A kind of thing that happens.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// An action was performed.
    Performed {
        /// The action's number.
        id: u64,
        /// The turn that asked for it; 0: the host.
        cause: u64,
        /// The action.
        action: Performed,
    },
    /// A process took a turn.
    Turn {
        /// The turn's number.
        id: u64,
        /// The action or turn that led to it; 0: the host.
        cause: u64,
        /// The event that it heard.
        heard: Heard,
        /// The outcome.
        outcome: TurnOutcome,
    },
    /// A process ended.
    Exit(Reason),
    /// A process to which nothing could happen any more was dropped.
    Dropped,
}

/// An action, as performed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Performed {
    /// A message or feedback was sent.
    Send(Orientation, Value),
    /// An endpoint was added or changed.
    AddEndpoint(Option<Value>, Role),
    /// An endpoint was deleted.
    DeleteEndpoint(Value, Reason),
    /// An endpoint was to be deleted that is not there: nothing happened.
    DeleteNothing {
        /// The name that was given.
        name: Value,
        /// The names of the endpoints that the process has: the first ones.
        there: Vec<Value>,
        /// How many more it has.
        more: usize,
    },
    /// A conversation was refused.
    Refuse(Topic, Value),
    /// A process was to be made, with this debug name.
    Spawn(Option<Value>),
    /// A process ended itself or another one.
    Quit(Option<Pid>, Option<Reason>),
    /// An action was handed to the container; as text.
    AtMetaLevel(String),
    /// A message was passed to one process, with the wire on which answers come.
    Pass(Pid, Value, Value),
    /// An answer was given; or a process was told that there will be none.
    Give(Result<Value, Reason>),
    /// A message was sent to this object or promise: a verb and arguments.
    SendTo(Reference, Value),
    /// A message was passed to this object, with the wire on which answers come.
    PassTo(Reference, Value, Value),
    /// A method or a continuation answered, or a resolver was used. The promise that it settles;
    /// `None`: nobody hears the answer, as nobody has the promise, or it was settled before.
    Answer(Option<Reference>, Result<Value, Reason>),
    /// A method answered a message that was passed to its object: to this process and wire, as the
    /// hop of a duct prints.
    AnswerOn(String, Result<Value, Reason>),
    /// Promises are waited for as one.
    Gather(Vec<Value>),
    /// Messages to a promise that is decided elsewhere wait from now on.
    Close,
    /// One of the messages that had waited at this promise was delivered.
    Deliver(Reference),
    /// Somebody who waited was told what a promise was settled with.
    News(Result<Value, Reason>),
    /// A process waits until a promise is settled.
    When(Value),
    /// An object was made of the clauses of a process.
    Object(Reference),
    /// An object that nobody has was dropped.
    Fall,
    /// The host says that the program is about to end.
    Shutdown,
    /// A process went on after a yield, or a nested VM did.
    Resume,
}

/// The event that a process heard when it took a turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Heard {
    /// The process is new.
    Boot,
    /// A peer came.
    Presence(Role),
    /// A peer went.
    Absence(Role, Reason),
    /// There is no peer.
    Vacancy(Role),
    /// A message.
    Message(Orientation, Value),
    /// Its child has booted or failed to.
    Child(Result<Pid, Reason>),
    /// An answer, and the wire on which it came.
    Reply(Value, Value),
    /// There will be no answer on this wire. Without a wire: an answer that the process gave did
    /// not arrive.
    DuctAbsence(Option<Value>, Reason),
    /// A message to one of its objects: a verb and arguments.
    Sent(Reference, Value),
    /// A promise for which it waited is settled.
    Settled(Result<Value, Reason>),
    /// Nobody has one of its objects any more.
    Released(Reference),
    /// The program is about to end.
    Shutdown,
    /// It goes on after a yield.
    Resumed,
}

impl Heard {
    /// Whether somebody has sent values along, which nobody has any more if they are not kept.
    pub(crate) const fn brings_values(&self) -> bool {
        matches!(self, Self::Message(..) | Self::Reply(..) | Self::Sent(..) | Self::Settled(_))
    }
}

/// The outcome of a turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TurnOutcome {
    /// So many actions were queued.
    Done {
        /// How many.
        actions: usize,
    },
    /// The process failed.
    Failed(Reason),
}

/// An action that somebody asked for, as the record sees it.
pub(crate) trait Asked {
    /// Its number.
    fn id(&self) -> ActionId;
    /// Its cause: most often the turn that asked for it.
    fn cause(&self) -> Cause;
    /// The process that asked for it; `None`: the host.
    fn pid(&self) -> Option<Pid>;
    /// The action.
    fn action(&self) -> Performed;
    /// Whether it has been begun before: the turn of a nested VM that goes on.
    fn has_begun(&self) -> bool;
}

impl Trace {
    /// The records, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The bodies of the messages (not feedback) that were sent at any level, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        let body = |record: &Record| match &record.what {
            What::Performed { action: Performed::Send(Orientation::Publisher, body), .. } => {
                Some(body.clone())
            }
            _ => None,
        };
        self.records.iter().filter_map(body).collect()
    }

    pub(crate) fn turn(
        &mut self,
        vm: &Arc<[Pid]>,
        pid: Pid,
        id: TurnId,
        cause: Cause,
        heard: Heard,
        outcome: TurnOutcome,
    ) {
        self.push(vm, Some(pid), What::Turn { id: id.number(), cause: cause.number(), heard, outcome });
    }

    pub(crate) fn performed(&mut self, vm: &Arc<[Pid]>, asked: &impl Asked, action: Performed) {
        let what = What::Performed { id: asked.id().number(), cause: asked.cause().number(), action };
        self.push(vm, asked.pid(), what);
    }

    pub(crate) fn exit(&mut self, vm: &Arc<[Pid]>, pid: Pid, reason: &Reason) {
        self.push(vm, Some(pid), What::Exit(reason.seen()));
    }

    pub(crate) fn dropped(&mut self, vm: &Arc<[Pid]>, pid: Pid) {
        self.push(vm, Some(pid), What::Dropped);
    }

    fn push(&mut self, vm: &Arc<[Pid]>, pid: Option<Pid>, what: What) {
        self.records.push(Record { vm: vm.clone(), pid, what });
    }
}

impl From<&Event<'_>> for Heard {
    fn from(event: &Event<'_>) -> Self {
        if let (Some(wire), Some(body)) = (event.wire(), event.reply()) {
            return Self::Reply(wire.seen(), body.seen());
        }
        match (event.body(), event.reason()) {
            (_, Some(reason)) if event.is_duct_absence() => {
                Self::DuctAbsence(event.wire().map(Value::seen), reason.seen())
            }
            (Some(body), _) => Self::Message(event.orientation(), body.seen()),
            (_, Some(reason)) => Self::Absence(event.role().seen(), reason.seen()),
            _ if event.is_presence() => Self::Presence(event.role().seen()),
            _ if event.is_shutdown() => Self::Shutdown,
            _ => Self::Vacancy(event.role().seen()),
        }
    }
}

/// One line a record.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.records.iter().try_for_each(|record| writeln!(f, "{record}"))
    }
}

/// One line.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        self.vm.iter().try_for_each(|pid| write!(f, "{pid}/"))?;
        match (self.pid, &self.what) {
            (Some(pid), _) => write!(f, "{pid} ")?,
            (None, What::Performed { action, .. }) if action.is_kernels() => f.write_str("VM ")?,
            (None, _) => f.write_str("host ")?,
        }
        match &self.what {
            What::Performed { action, .. } => write!(f, "{action}"),
            What::Turn { heard, outcome: TurnOutcome::Done { .. }, .. } => write!(f, "{heard}"),
            What::Turn { heard, outcome: TurnOutcome::Failed(reason), .. } => {
                write!(f, "{heard}, fails: {reason}")
            }
            What::Exit(reason) => write!(f, "exits: {reason}"),
            What::Dropped => f.write_str("is dropped"),
        }
    }
}

impl Performed {
    /// Whether nobody but the kernel asks for it.
    pub(crate) const fn is_kernels(&self) -> bool {
        matches!(self, Self::Deliver(_) | Self::News(_) | Self::Fall)
    }
}

/// One line.
impl fmt::Display for Performed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            Self::Send(Orientation::Publisher, body) => write!(f, "sends message {body}"),
            Self::Send(Orientation::Subscriber, body) => write!(f, "sends feedback {body}"),
            Self::AddEndpoint(None, role) => write!(f, "adds {role}"),
            Self::AddEndpoint(Some(name), role) => write!(f, "adds {name}: {role}"),
            Self::DeleteEndpoint(name, reason) => write!(f, "deletes {name} ({reason})"),
            Self::DeleteNothing { name, there, more } => {
                write!(f, "deletes {name}, which is not there ({})", There(there, *more))
            }
            Self::Refuse(topic, why) => write!(f, "refuses {topic} ({why})"),
            Self::Spawn(None) => f.write_str("spawns a process"),
            Self::Spawn(Some(name)) => write!(f, "spawns {name}"),
            Self::Quit(pid, reason) => {
                f.write_str("quits")?;
                pid.map_or(Ok(()), |pid| write!(f, " {pid}"))?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Self::AtMetaLevel(action) => write!(f, "at meta level: {action}"),
            Self::Pass(to, wire, body) => write!(f, "passes {body} to {to} on {wire}"),
            Self::Give(Ok(body)) => write!(f, "gives {body}"),
            Self::Give(Err(reason)) => write!(f, "gives no answer ({reason})"),
            Self::SendTo(to, message) => write!(f, "sends {} to {to:?}", Call(message)),
            Self::PassTo(to, wire, body) => write!(f, "passes {} to {to:?} on {wire}", Call(body)),
            Self::Answer(promise, result) => {
                write_answer(f, result)?;
                match promise {
                    Some(promise) => write!(f, ", for {promise:?}"),
                    None => f.write_str(", which nobody hears"),
                }
            }
            Self::AnswerOn(hop, result) => {
                write_answer(f, result)?;
                write!(f, ", for {hop}")
            }
            Self::Gather(promises) => write!(f, "waits for {promises:?}"),
            Self::Close => f.write_str("closes a promise"),
            Self::Deliver(promise) => write!(f, "delivers what waits at {promise:?}"),
            Self::News(Ok(value)) => write!(f, "tells that a promise gives {value}"),
            Self::News(Err(reason)) => write!(f, "tells that a promise is broken: {reason}"),
            // Until it is performed, only the process knows for which.
            Self::When(promise) if *promise == Value::UNIT => f.write_str("waits for a promise"),
            Self::When(promise) => write!(f, "waits for {promise}"),
            Self::Object(object) => write!(f, "makes {object:?}"),
            Self::Fall => f.write_str("drops an object"),
            Self::Shutdown => f.write_str("shuts down"),
            Self::Resume => f.write_str("goes on"),
        }
    }
}

fn write_answer(f: &mut impl Write, result: &Result<Value, Reason>) -> fmt::Result {
    match result {
        Ok(value) => write!(f, "answers {value}"),
        Err(reason) => write!(f, "answers with an error: {reason}"),
    }
}

/// A message to an object, as a program writes it: `pay(4)`. One without a verb is shown as it is.
pub(crate) struct Call<'a>(pub(crate) &'a Value);

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_bounded(f, Some(self.0.bytes() as usize), self)
    }
}

/// Without a bound.
impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let View::Sequence([verb, arguments @ ..]) = self.0.view() else { return write!(f, "{}", self.0) };
        let Some(verb) = verb.as_symbol() else { return write!(f, "{}", self.0) };
        write!(f, "{}(", words::label(verb.as_str()))?;
        for (at, argument) in arguments.iter().enumerate() {
            write!(f, "{}{argument}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

/// The names that there are, and how many more.
pub(crate) struct There<'a>(pub(crate) &'a [Value], pub(crate) usize);

impl fmt::Display for There<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(names, more) = self;
        let Some((first, others)) = names.split_first() else { return f.write_str("there is none") };
        write!(f, "there {} {first}", if others.is_empty() { "is" } else { "are" })?;
        others.iter().try_for_each(|name| write!(f, ", {name}"))?;
        if *more > 0 { write!(f, ", and {more} more") } else { Ok(()) }
    }
}

/// One line.
impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            Self::Boot => f.write_str("boots"),
            Self::Presence(role) => write!(f, "hears presence of {role}"),
            Self::Absence(role, reason) => write!(f, "hears absence of {role} ({reason})"),
            Self::Vacancy(role) => write!(f, "hears vacancy: no {role}"),
            Self::Message(Orientation::Publisher, body) => write!(f, "hears message {body}"),
            Self::Message(Orientation::Subscriber, body) => write!(f, "hears feedback {body}"),
            Self::Child(Ok(pid)) => write!(f, "hears that its child is {pid}"),
            Self::Child(Err(reason)) => write!(f, "hears that its child failed: {reason}"),
            Self::Reply(wire, body) => write!(f, "hears reply {body} on {wire}"),
            Self::DuctAbsence(Some(wire), reason) => {
                write!(f, "hears that no reply comes on {wire} ({reason})")
            }
            Self::DuctAbsence(None, reason) => write!(f, "hears that what it gave did not arrive ({reason})"),
            Self::Sent(object, message) => write!(f, "hears {} as {object:?}", Call(message)),
            Self::Settled(Ok(value)) => write!(f, "hears that a promise gives {value}"),
            Self::Settled(Err(reason)) => write!(f, "hears that a promise is broken: {reason}"),
            Self::Released(object) => write!(f, "hears that nobody has {object:?}"),
            Self::Shutdown => f.write_str("hears that the program ends"),
            Self::Resumed => f.write_str("goes on"),
        }
    }
}
