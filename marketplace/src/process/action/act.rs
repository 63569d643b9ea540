//! An action, and the functions that make one. A new action is a variant of [`Act`], a line in each
//! `match` of this file, and a function that makes it.

use std::fmt;

use crate::conversation::duct::Duct;
use crate::conversation::pid::Pid;
use crate::conversation::promise::answer::AnswerTo;
use crate::conversation::promise::falling::{Carried, DrainPlace};
use crate::conversation::promise::owed::Answering;
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::when::{News, Waiting};
use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::data::value::from::IntoValue;
use crate::process::action::{
    Address, Addressed, Deletion, Ending, EndpointSpec, Given, Giving, Held, Onto, Passing, Progress, Rehold,
    Resume, SpawnSpec, TakeSnapshot, Typed, as_name,
};
use crate::process::objects::asks::Gather;
use crate::process::objects::{Clauses, Onward, Pledge, Then};
use crate::process::transition::IntoTransition;
use crate::record::trace::Performed;

/// One thing that a process with state `S` asks for.
#[must_use = "an action does nothing unless it is returned: several are one tree, `actions![a, b]`"]
pub struct Action<S>(pub(crate) Ask<S>);

/// An action that can also be performed at the meta level: any but a yield.
#[must_use = "an action does nothing unless it is returned: several are one tree, `actions![a, b]`"]
pub struct PreAction<S>(pub(crate) Act<Typed<S>>);

/// A request of a process: an action, or a thing that only its own VM can do for it.
pub(crate) enum Ask<S> {
    Act(Act<Typed<S>>),
    Yield(Resume<S>),
    /// Let the log keep the state.
    Peekable(TakeSnapshot<S>),
    /// Show the state to people who look now.
    PeekableNow(TakeSnapshot<S>),
    /// Wait until a promise is settled.
    When(Box<Pledge<Then<S>>>),
    /// A `When` of an object in a process of objects.
    Onward(Box<dyn Onward>),
    /// Make an object of clauses.
    Object(Box<Clauses<S>>),
}

/// An action. `H` says how it holds the closures that are called later.
///
/// A process makes it [`Typed`](super::Typed) by its state. In the queue its closures are
/// [`Stored`](super::Stored) in the process. An action that is to be performed further out becomes
/// an action of the VM around: typed again, by the state that a VM is.
pub(crate) enum Act<H: Held> {
    Message(Value),
    Feedback(Value),
    Add(Box<EndpointSpec>, H::Handler),
    /// The last field is called after the deletion: for a VM, which must know of it.
    Delete(Box<Deletion>, Option<H::Done>),
    Refuse(Box<(Topic, Value)>),
    Spawn(Box<SpawnSpec>, Option<H::Continuation>),
    Quit(Option<Pid>, Option<Box<Ending>>),
    Pass(Box<Passing>),
    Give(Box<Giving>),
    /// A message for an object.
    Send(Box<Sending>),
    /// The answer to one.
    Answer(Box<Answering>),
    /// Promises are waited for as one.
    Gather(Box<Gather>),
    /// Messages to a promise that somebody decides elsewhere wait from now on.
    Close(Box<AnswerTo>),
    /// The host waits for a promise.
    Wait(Box<Waiting>),
    /// The messages that waited at a promise are delivered: this is their place in the queue.
    Drain(DrainPlace),
    /// A message that waited alone is delivered: it is on its way to the object.
    Deliver(Box<Sending>),
    /// A promise was settled: news for somebody who waits.
    News(Box<News>),
    /// An object further out has fallen.
    Fall(Box<Carried>),
    /// The program is about to end: the host says so to a VM.
    Shutdown,
    /// A message one level out, as drivers send it to their sources: without a box.
    MessageOut(Value),
    FeedbackOut(Value),
    /// Anything else one level out.
    Meta(Box<Act<H::Outside>>),
}

impl<H: Held> Act<H> {
    /// The action with its closures held in another way.
    #[inline]
    pub(crate) fn rehold<R: Rehold<H>>(self, how: &mut R) -> Act<R::To> {
        match self {
            Self::Message(body) => Act::Message(body),
            Self::Feedback(body) => Act::Feedback(body),
            Self::Add(mut spec, handler) => {
                let handler = how.handler(&mut spec, handler);
                Act::Add(spec, handler)
            }
            Self::Delete(delete, done) => Act::Delete(delete, how.done(done)),
            Self::Refuse(refusal) => Act::Refuse(refusal),
            Self::Spawn(spec, parent) => Act::Spawn(spec, parent.map(|parent| how.continuation(parent))),
            Self::Quit(pid, ending) => Act::Quit(pid, ending),
            Self::Pass(passing) => Act::Pass(passing),
            Self::Give(giving) => Act::Give(giving),
            Self::Send(sending) => Act::Send(sending),
            Self::Answer(answering) => Act::Answer(answering),
            Self::Gather(gather) => Act::Gather(gather),
            Self::Close(resolver) => Act::Close(resolver),
            Self::Wait(waiting) => Act::Wait(waiting),
            Self::Drain(promise) => Act::Drain(promise),
            Self::Deliver(sending) => Act::Deliver(sending),
            Self::News(news) => Act::News(news),
            Self::Fall(fallen) => Act::Fall(fallen),
            Self::Shutdown => Act::Shutdown,
            Self::MessageOut(body) => Act::MessageOut(body),
            Self::FeedbackOut(body) => Act::FeedbackOut(body),
            Self::Meta(inner) => Act::Meta(Box::new(how.outside(*inner))),
        }
    }

    /// How many bytes the values that it carries take.
    #[inline]
    pub(crate) fn bytes(&self) -> u32 {
        match self {
            Self::Message(body) | Self::Feedback(body) | Self::MessageOut(body) | Self::FeedbackOut(body) => {
                body.bytes()
            }
            Self::Add(..) | Self::Delete(..) | Self::Spawn(..) | Self::Quit(..) | Self::Shutdown => 0,
            Self::Refuse(refusal) => refusal.1.bytes(),
            Self::Pass(passing) => passing.body.bytes(),
            Self::Give(giving) => giving.bytes(),
            Self::Send(sending) => sending.bytes,
            Self::Answer(answering) => answering.bytes(),
            Self::News(news) => news.bytes(),
            Self::Gather(_)
            | Self::Close(_)
            | Self::Wait(_)
            | Self::Drain(_)
            // Its bytes count as those of a message that waits.
            | Self::Deliver(_)
            | Self::Fall(_) => 0,
            Self::Meta(inner) => inner.bytes(),
        }
    }

    /// Whether a promise depends on it.
    pub(crate) const fn decides(&self) -> bool {
        matches!(self, Self::Send(_) | Self::Answer(_) | Self::Gather(_) | Self::Close(_))
    }

    /// Whether it passes something, or answers, here or further out.
    pub(crate) fn is_of_ducts(&self) -> bool {
        match self {
            Self::Pass(_) | Self::Give(_) => true,
            Self::Meta(inner) => inner.is_of_ducts(),
            _ => false,
        }
    }
}

impl<S> Act<Typed<S>> {
    /// How many levels out it is to be performed.
    pub(super) fn levels(&self) -> usize {
        match self {
            Self::Meta(inner) => inner.levels() + 1,
            Self::MessageOut(_) | Self::FeedbackOut(_) => 1,
            _ => 0,
        }
    }

    /// The action that is performed at the outermost of its levels.
    pub(in crate::process) fn innermost_mut(&mut self) -> &mut Self {
        match self {
            Self::Meta(inner) => inner.innermost_mut(),
            here => here,
        }
    }
}

/// An action as text for reasons: in the words in which it was asked for.
impl<H: Held> fmt::Debug for Act<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(body) => write!(f, "send message {body}"),
            Self::Feedback(body) => write!(f, "send feedback {body}"),
            Self::Add(spec, _) => write!(f, "add endpoint {spec:?}"),
            Self::Delete(delete, _) => write!(f, "delete endpoint {} ({})", delete.name, delete.reason),
            Self::Refuse(refusal) => write!(f, "refuse {} ({})", refusal.0, refusal.1),
            Self::Spawn(spec, _) => write!(f, "spawn {spec:?}"),
            Self::Quit(pid, ending) => {
                f.write_str("quit")?;
                pid.map_or(Ok(()), |pid| write!(f, " {pid}"))?;
                let reason = ending.as_ref().and_then(|ending| ending.reason.as_ref());
                reason.map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Self::Pass(passing) => write!(f, "{passing:?}"),
            Self::Give(giving) => write!(f, "{giving:?}"),
            Self::Send(sending) => write!(f, "{sending:?}"),
            Self::Answer(answering) => write!(f, "{answering:?}"),
            Self::Gather(_) => f.write_str("wait for several promises"),
            Self::Close(_) => f.write_str("close a promise"),
            Self::Wait(waiting) => write!(f, "wait for {}", waiting.on),
            Self::Drain(place) => write!(f, "deliver what waits at {:?}", place.promise()),
            Self::Deliver(sending) => write!(f, "deliver what waits at {:?}", sending.waited_at()),
            Self::News(news) => write!(f, "{news:?}"),
            Self::Fall(_) => f.write_str("drop an object"),
            Self::Shutdown => f.write_str("shut down"),
            Self::MessageOut(body) => write!(f, "at meta level: send message {body}"),
            Self::FeedbackOut(body) => write!(f, "at meta level: send feedback {body}"),
            Self::Meta(inner) => write!(f, "at meta level: {inner:?}"),
        }
    }
}

/// An action as the record notes it when it is performed.
impl<H: Held> From<&Act<H>> for Performed {
    fn from(act: &Act<H>) -> Self {
        match act {
            Act::Message(body) => Self::Send(Orientation::Publisher, body.seen()),
            Act::Feedback(body) => Self::Send(Orientation::Subscriber, body.seen()),
            Act::Add(spec, _) => Self::AddEndpoint(spec.name.as_ref().map(Value::seen), spec.role.seen()),
            Act::Delete(delete, _) => Self::DeleteEndpoint(delete.name.seen(), delete.reason.seen()),
            Act::Refuse(refusal) => Self::Refuse(refusal.0.seen(), refusal.1.seen()),
            Act::Spawn(spec, _) => Self::Spawn(spec.name.as_ref().map(Value::seen)),
            Act::Quit(pid, ending) => {
                Self::Quit(*pid, ending.as_ref().and_then(|ending| Some(ending.reason.as_ref()?.seen())))
            }
            Act::Pass(passing) => match &passing.to {
                Address::Process(pid) => Self::Pass(*pid, passing.wire.seen(), passing.body.seen()),
                Address::Object(object) => {
                    Self::PassTo(object.shown(), passing.wire.seen(), passing.body.seen())
                }
            },
            Act::Give(giving) => {
                Self::Give(giving.answer().map(|body| body.seen()).map_err(|reason| reason.seen()))
            }
            Act::Send(sending) => Self::SendTo(sending.to().shown(), sending.body().seen()),
            Act::Answer(answering) => match (&answering.answer, answering.answer.settles()) {
                (AnswerTo::Duct(duct), None) => {
                    let hop = duct.hops().next().map(|hop| hop.shown_at(&hop.site));
                    Self::AnswerOn(hop.unwrap_or_default(), answering.seen())
                }
                (_, promise) => Self::Answer(promise.map(|promise| promise.shown()), answering.seen()),
            },
            Act::Gather(gather) => Self::Gather(gather.promises.iter().map(Value::seen).collect()),
            Act::Close(_) => Self::Close,
            Act::Wait(waiting) => Self::When(waiting.on.seen()),
            Act::Drain(place) => Self::Deliver(place.promise().shown()),
            Act::Deliver(sending) => Self::Deliver(sending.waited_at()),
            Act::News(news) => Self::News(news.seen()),
            Act::Fall(_) => Self::Fall,
            Act::Shutdown => Self::Shutdown,
            Act::MessageOut(body) => Self::AtMetaLevel(format!("send message {body}")),
            Act::FeedbackOut(body) => Self::AtMetaLevel(format!("send feedback {body}")),
            Act::Meta(inner) => Self::AtMetaLevel(format!("{inner:?}")),
        }
    }
}

impl<S> From<PreAction<S>> for Action<S> {
    #[inline]
    fn from(action: PreAction<S>) -> Self {
        Self(Ask::Act(action.0))
    }
}

/// Sends a message to every endpoint on the subscribers' side whose topic matches it.
pub fn send_message<S>(message: &impl Message) -> PreAction<S> {
    PreAction(Act::Message(message.to_value()))
}

/// Sends feedback to every endpoint on the publishers' side whose topic matches it.
pub fn send_feedback<S>(message: &impl Message) -> PreAction<S> {
    PreAction(Act::Feedback(message.to_value()))
}

/// Sends a message as a sender of this orientation: a publisher's is a message for subscribers
/// ([`send_message`]), a subscriber's is feedback for publishers ([`send_feedback`]). It is for
/// code that computes the orientation.
///
/// ```
/// use marketplace::prelude::*;
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { who: Symbol, what: Text }
///
/// /// Brings what is said inside to the network outside, and feedback as feedback.
/// fn outward(orientation: Orientation) -> AddEndpoint<()> {
///     let role = Role::new(orientation.opposite(), topic!(Says { .. }), InterestType::Participant);
///     build_endpoint!("outward", role, match_orientation!(side => on_message!(said: Says =>
///         at_meta_level!(send_oriented(&said, side)))))
/// }
/// # let _ = [Orientation::Publisher, Orientation::Subscriber].map(outward);
/// assert_eq!(format!("{:?}", send_oriented::<()>(&7u8, Orientation::Subscriber)), "send feedback 7");
/// ```
pub fn send_oriented<S>(message: &impl Message, orientation: Orientation) -> PreAction<S> {
    match orientation {
        Orientation::Publisher => send_message(message),
        Orientation::Subscriber => send_feedback(message),
    }
}

/// Passes a message to one process, which can answer: the answers come back to the acting process
/// alone, as events that only [`on_reply!`](crate::on_reply) clauses hear, with this wire.
///
/// The process `to` of the same VM (at the meta level: of the container) hears the message, in the
/// first of its endpoints, in creation order, that takes it and has a clause for it: a
/// [`callee!`](crate::callee) takes everything, another endpoint takes what it subscribes to. With
/// the message goes the duct of the event to which the acting process answers, with one hop more;
/// [`PreAction::onto`] takes another duct. If no endpoint hears the message, or if every process
/// that could answer has gone, the acting process hears the [absence of the
/// duct](crate::Event::is_duct_absence), with the reason. If it has no clause for that, the process
/// that waits for it on the duct below is told.
///
/// To an object a message is passed by its reference, from whatever level: what its method answers
/// comes as an answer on the wire, and an error as the absence of the duct.
pub fn pass<S>(to: impl Addressed, wire: impl IntoValue, body: &impl Message) -> PreAction<S> {
    let (wire, body) = (wire.into(), body.to_value());
    PreAction(Act::Pass(Box::new(Passing { to: to.address(), wire, body, onto: Onto::Event })))
}

/// Answers on a duct. The duct's top hop is popped, and the process that pushed it hears the
/// answer, wherever in the tower of VMs it is. If that process has gone, the acting process hears
/// the [absence of the duct](crate::Event::is_duct_absence).
///
/// The last hop is the host's: an answer on it goes to the host.
pub fn give<S>(duct: &Duct, body: &impl Message) -> PreAction<S> {
    let what = Given::Reply(body.to_value());
    PreAction(Act::Give(Box::new(Giving { duct: duct.clone(), what, giver: None })))
}

/// Ends the acting process, or with [`PreAction::pid`] another one; [`PreAction::because`] says
/// why.
///
/// Its endpoints are deleted with the reason, in the order in which they were made: first the
/// endpoints in its VM, then the endpoints further out. None of its own handlers is called, and the
/// actions that it has queued are dropped.
pub const fn quit<S>() -> PreAction<S> {
    PreAction(Act::Quit(None, None))
}

/// Deletes the acting process's endpoint of this name; [`PreAction::because`] says why. Does
/// nothing if there is none; the trace, the log and verb say so, with the names of the endpoints
/// that the process has.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let mut sim = Sim::new(|_| transition_no_state!(
///     name_endpoint("door", subscriber!("knock")),
///     delete_endpoint("window"),
/// ));
/// sim.run();
/// let told = "p0 deletes 'window, which is not there (there is 'door)";
/// assert!(sim.trace().to_string().contains(told));
/// ```
pub fn delete_endpoint<S>(name: impl IntoValue) -> PreAction<S> {
    let (name, reason) = (as_name(name), Reason::Normal);
    PreAction(Act::Delete(Box::new(Deletion { name, reason, ended: false }), None))
}

/// Refuses everyone who would see a publisher of this topic: they hear its absence, as a refusal,
/// without a presence before. An [`on_refusal!`](crate::on_refusal) clause hears refusals only. A
/// process that has no clause for the refusal ends with that reason.
pub fn refuse<S>(topic: impl Into<Topic>, why: impl IntoValue) -> PreAction<S> {
    PreAction(Act::Refuse(Box::new((topic.into(), why.into()))))
}

/// Lets every other process have its turn first. `next` is called after every action that is queued
/// when the turn of this transition is over, so after one complete round. The other actions of the
/// transition are performed first, wherever in it the yield stands. Two processes that yield again
/// and again take turns.
pub fn yield_now<S, T>(next: impl FnOnce(S) -> T + Send + 'static) -> Action<S>
where
    T: IntoTransition<State = S>,
{
    let mut next = Some(next);
    Action(Ask::Yield(Box::new(move |turn| match next.take() {
        Some(next) => Ok((turn.transition(next)?.unwrap_or_default(), Progress::Done)),
        None => unreachable!("a continuation is resumed once"),
    })))
}
