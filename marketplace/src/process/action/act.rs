//! What an action is.

use std::sync::Arc;

use crate::conversation::duct::{Back, Duct, Site};
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::topic::Topic;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::value::Value;
use crate::process::action::{EndpointSpec, SpawnSpec};
use crate::process::transition::ActionTree;
use crate::process::{Booted, Context, Turn};
use crate::record::log::Snapshot;

/// One thing that a process with state `S` asks for.
pub struct Action<S>(pub(crate) Act<S>);

pub(crate) enum Act<S> {
    Pre(Pre<S>),
    Yield(Resume<S>),
    /// Passed on outward by a nested VM for one of its processes.
    Relayed(Box<Relayed<S>>),
    /// Let the log keep the state.
    Peekable(TakeSnapshot<S>),
}

/// An action that a process of a nested VM has at the meta level.
pub(crate) struct Relayed<S> {
    /// The process in the nested VM.
    pub(crate) pid: Pid,
    /// The action's number, and that of the action inside that handed it out.
    pub(crate) id: u64,
    pub(crate) cause: u64,
    pub(crate) pre: Pre<S>,
}

impl<S> Relayed<S> {
    /// It is not performed.
    pub(crate) fn lose(&self) {
        if let Pre::Give(giving) = &self.pre {
            giving.lose();
        }
    }
}

/// An action that can also be performed at the meta level: any but a yield.
pub struct PreAction<S>(pub(crate) Pre<S>);

pub(crate) enum Pre<S> {
    Add(Box<EndpointSpec>, Handler<S>),
    /// The last is called when it is done: for a VM that has to know.
    Delete(Box<Deletion>, Option<Done<S>>),
    Message(Value),
    Feedback(Value),
    Refuse(Box<(Topic, Value)>),
    /// What waits for it is few processes' and boxed once more, so that an action stays small.
    Spawn(Box<SpawnSpec>, Option<Box<Continuation<S>>>),
    Quit(Option<Pid>, Option<Box<Reason>>),
    Pass(Box<Passing>),
    Give(Box<Giving>),
    /// One level out, as drivers speak to their sources: without a box.
    MessageOut(Value),
    FeedbackOut(Value),
    /// Anything else one level out.
    Meta(Box<Self>),
}

impl<S> Pre<S> {
    /// How many levels out it is to be performed.
    pub(super) fn levels(&self) -> usize {
        match self {
            Self::Meta(inner) => inner.levels() + 1,
            Self::MessageOut(_) | Self::FeedbackOut(_) => 1,
            _ => 0,
        }
    }

    /// How many bytes the values that it carries take.
    pub(crate) fn bytes(&self) -> u32 {
        match self {
            Self::Message(body) | Self::Feedback(body) | Self::MessageOut(body) | Self::FeedbackOut(body) => {
                body.bytes()
            }
            Self::Refuse(refusal) => refusal.1.bytes(),
            Self::Pass(passing) => passing.body.bytes(),
            Self::Give(giving) => giving.bytes(),
            Self::Meta(inner) => inner.bytes(),
            Self::Add(..) | Self::Delete(..) | Self::Spawn(..) | Self::Quit(..) => 0,
        }
    }

    /// What is to be performed there.
    pub(crate) fn innermost(&self) -> &Self {
        match self {
            Self::Meta(inner) => inner.innermost(),
            here => here,
        }
    }
}

/// An endpoint that is to go.
pub(crate) struct Deletion {
    pub(crate) name: Value,
    pub(crate) reason: Reason,
    /// Its process has ended.
    pub(crate) ended: bool,
}

/// What is passed to one process.
pub(crate) struct Passing {
    pub(crate) to: Pid,
    pub(crate) wire: Value,
    pub(crate) body: Value,
    pub(crate) on: On,
}

/// On which duct something is passed.
pub(crate) enum On {
    /// That of the event to which the process answers.
    Event,
    Duct(Duct),
    /// This one: the hop of the process that passes is on it already.
    Pushed(Duct),
}

/// What goes back on a duct.
pub(crate) struct Giving {
    pub(crate) duct: Duct,
    pub(crate) what: Given,
    /// Who gives it, once that is known.
    pub(crate) giver: Option<Back>,
}

impl Giving {
    /// How many bytes the answer takes.
    pub(crate) fn bytes(&self) -> u32 {
        match &self.what {
            Given::Reply(body) => body.bytes(),
            Given::Nothing(_) | Given::Returned(_) => 0,
        }
    }

    /// It does not arrive: whoever was to bring it ends. So whoever waits has not been told either.
    pub(crate) fn lose(&self) {
        if let Given::Nothing(_) = self.what {
            self.duct.set_untold();
        }
        self.duct.lose();
    }
}

pub(crate) enum Given {
    Reply(Value),
    /// There will be no reply.
    Nothing(Reason),
    /// To the giver: its reply did not arrive.
    Returned(Reason),
}

/// A handler that does not see the state: it may say why the process is to end.
pub(crate) type Watch = Box<dyn Fn(&Event<'_>) -> Option<Reason> + Send>;

/// What a handler answers: the actions of the clause that applied, `None` if none did.
pub type Outcome<S> = Result<Option<ActionTree<S>>, Failure>;

/// The same, no larger than an action.
pub(crate) type Answered<S> = Result<Option<ActionTree<S>>, Failed>;

pub(crate) type Handler<S> = Box<dyn Fn(&Event<'_>, &mut Turn<'_, S>) -> Answered<S> + Send>;
pub(crate) type Resume<S> =
    Box<dyn FnMut(&mut Turn<'_, S>) -> Result<(ActionTree<S>, Progress), Failure> + Send>;
pub(crate) type TakeSnapshot<S> = fn(&S) -> Snapshot;
/// Called when an endpoint further out has been deleted.
pub(crate) type Done<S> = Box<dyn FnOnce(&mut S, &mut Context) -> ActionTree<S> + Send>;
pub(crate) type Continuation<S> =
    Box<dyn FnOnce(&mut Turn<'_, S>, Result<Pid, Reason>) -> Result<ActionTree<S>, Failure> + Send>;
/// Takes the PID of the new process, and where it is to be. Called once.
pub(crate) type Boot = dyn FnMut(Pid, &Outside<'_>, &mut Context) -> Result<Booted, Reason> + Send;

/// Where a process boots.
pub(crate) struct Outside<'a> {
    /// The VMs around it, from the outside.
    pub(crate) path: &'a Arc<[Pid]>,
    pub(crate) site: &'a Arc<Site>,
    /// Its own name.
    pub(crate) name: Option<&'a Value>,
}

/// How far a resumed process got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A continuation ran.
    Done,
    /// A nested VM's turn is over.
    VmDone,
    /// A nested VM's turn is not over: it keeps its place.
    VmMore,
}

impl<S> From<PreAction<S>> for Action<S> {
    #[inline]
    fn from(action: PreAction<S>) -> Self {
        Self(Act::Pre(action.0))
    }
}
