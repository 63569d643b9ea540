//! How the other actions are made, and what can be said about one that is.

use std::fmt;

use crate::conversation::duct::Duct;
use crate::conversation::pid::MAX_LEVELS;
use crate::conversation::pid::Pid;
use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::process::action::{
    Act, Action, Deletion, Given, Giving, IntoPreActions, On, Passing, Pre, PreAction, Progress,
};
use crate::process::transition::{ActionTree, IntoTransition};
use crate::record::log::Snapshot;

/// Sends a message to every endpoint on the subscribers' side whose topic matches it.
#[must_use = "an action does nothing unless it is returned"]
pub fn send_message<S>(message: &impl Message) -> PreAction<S> {
    PreAction(Pre::Message(message.to_value()))
}

/// Sends feedback to every endpoint on the publishers' side whose topic matches it.
#[must_use = "an action does nothing unless it is returned"]
pub fn send_feedback<S>(message: &impl Message) -> PreAction<S> {
    PreAction(Pre::Feedback(message.to_value()))
}

/// Sends a message as a sender of this orientation: a publisher's is a message for subscribers
/// ([`send_message`]), a subscriber's is feedback for publishers ([`send_feedback`]). For where the
/// orientation is computed.
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
#[must_use = "an action does nothing unless it is returned"]
pub fn send_oriented<S>(message: &impl Message, orientation: Orientation) -> PreAction<S> {
    match orientation {
        Orientation::Publisher => send_message(message),
        Orientation::Subscriber => send_feedback(message),
    }
}

/// Passes a message to one process, which can answer: the answers come back to the acting process alone, as events that only
/// [`on_reply!`](crate::on_reply) clauses hear, with this wire.
///
/// The message is heard by the process `to` of the same VM (at the meta level: of the container), in the first of its endpoints, in creation
/// order, that takes it and has a clause for it: a [`callee!`](crate::callee) takes everything,
/// another endpoint what it subscribes to. With it goes the duct of the event to which the acting
/// process answers, with
/// one hop more; [`PreAction::onto`] takes another duct. If nobody hears it, or whoever could answer has gone, the acting process hears the
/// [absence of the duct](crate::Event::is_duct_absence), and why. If it has no clause for that, whoever waits for it on the duct below is told.
#[must_use = "an action does nothing unless it is returned"]
pub fn pass<S>(to: Pid, wire: impl Into<Value>, body: &impl Message) -> PreAction<S> {
    let (wire, body) = (wire.into(), body.to_value());
    PreAction(Pre::Pass(Box::new(Passing { to, wire, body, on: On::Event })))
}

/// Answers on a duct: its top hop is popped, and the process that pushed it hears the answer, wherever in the tower of VMs it is. If it has gone,
/// the acting process hears the [absence of the duct](crate::Event::is_duct_absence).
///
/// The last hop is the host's: what is given on it is the host's to do.
#[must_use = "an action does nothing unless it is returned"]
pub fn give<S>(duct: &Duct, body: &impl Message) -> PreAction<S> {
    let what = Given::Reply(body.to_value());
    PreAction(Pre::Give(Box::new(Giving { duct: duct.clone(), what, giver: None })))
}

/// Ends the acting process, or with [`PreAction::pid`] another one; [`PreAction::because`] says why.
///
/// Its endpoints are deleted with the reason, in the order in which they were made: those of its VM, then those further out. None of
/// its own handlers is called, and what it has still queued is dropped.
#[must_use = "an action does nothing unless it is returned"]
pub const fn quit<S>() -> PreAction<S> {
    PreAction(Pre::Quit(None, None))
}

/// Deletes the acting process's endpoint of this name; [`PreAction::because`] says why. Does nothing if there is none.
#[must_use = "an action does nothing unless it is returned"]
pub fn delete_endpoint<S>(name: impl Into<Value>) -> PreAction<S> {
    let (name, reason) = (name.into(), Reason::Normal);
    PreAction(Pre::Delete(Box::new(Deletion { name, reason, ended: false }), None))
}

/// Says no to everyone who would see a publisher of this topic: they hear its absence, refused,
/// without any presence before. A clause [`on_refusal!`](crate::on_refusal) is about such an
/// absence only. A process that has no clause for it ends with that reason.
#[must_use = "an action does nothing unless it is returned"]
pub fn refuse<S>(topic: impl Into<Topic>, why: impl Into<Value>) -> PreAction<S> {
    PreAction(Pre::Refuse(Box::new((topic.into(), why.into()))))
}

/// Lets every other process have its turn first: `next` is called after everything that is queued when the turn of this transition is
/// over, so after one complete round. The other actions of the transition are performed first, wherever in it the yield stands. Two
/// processes that yield again and again take turns.
#[must_use = "an action does nothing unless it is returned"]
pub fn yield_now<S, T>(next: impl FnOnce(S) -> T + Send + 'static) -> Action<S>
where
    T: IntoTransition<State = S>,
{
    let mut next = Some(next);
    Action(Act::Yield(Box::new(move |turn| match next.take() {
        Some(next) => Ok((turn.transition(next)?.unwrap_or_default(), Progress::Done)),
        None => unreachable!("a continuation is resumed once"),
    })))
}

/// Lets the [log](crate::log::Log), while it is on, keep the acting process's state as it is before each of its turns from now on, so that one
/// can [look back](crate::log::Log::peek). Each costs a clone of the state.
/// What such a clone shares with the state, it [keeps](crate::log::Snapshot).
#[must_use = "an action does nothing unless it is returned"]
pub fn peekable<S: Clone + fmt::Debug + Send + Sync + 'static>() -> Action<S> {
    Action(Act::Peekable(|state| Snapshot::new(state.clone())))
}

/// Performs these actions at the meta level: in the network that the acting process's VM is itself a process of. What a VM's processes
/// do there takes effect in order, and before the next turn of the VM begins.
#[must_use = "an action does nothing unless it is returned"]
pub fn at_meta_level<S>(actions: impl IntoPreActions<S>) -> ActionTree<S> {
    let mut tree = ActionTree::new();
    actions.each(&mut |action| tree.0.push(action.at_meta_level().into()));
    tree
}

impl<S> PreAction<S> {
    /// Says why: for [`quit`] and [`delete_endpoint`], of which absences tell the reason.
    ///
    /// # Panics
    /// If the action ends nothing and so has no reason.
    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self(match self.0 {
            Pre::Quit(pid, _) => Pre::Quit(pid, Some(Box::new(reason))),
            Pre::Delete(mut delete, done) => {
                delete.reason = reason;
                Pre::Delete(delete, done)
            }
            Pre::Meta(inner) => Pre::Meta(Box::new(Self(*inner).because(reason).0)),
            other => {
                panic!("{other:?} ends nothing: only `quit` and `delete_endpoint` have a reason")
            }
        })
    }

    /// Says which process is to end, for [`quit`].
    ///
    /// # Panics
    /// If the action is not a quit.
    #[must_use]
    pub fn pid(self, pid: Pid) -> Self {
        Self(match self.0 {
            Pre::Quit(_, reason) => Pre::Quit(Some(pid), reason),
            Pre::Meta(inner) => Pre::Meta(Box::new(Self(*inner).pid(pid).0)),
            other => panic!("{other:?} ends no process: only `quit` has a PID"),
        })
    }

    /// Says on which duct a [`pass`] goes, instead of that of the event at hand; on [`Duct::EMPTY`] it starts a new one.
    ///
    /// # Panics
    /// If the action passes nothing.
    #[must_use]
    pub fn onto(self, duct: &Duct) -> Self {
        Self(match self.0 {
            Pre::Pass(mut passing) => {
                passing.on = On::Duct(duct.clone());
                Pre::Pass(passing)
            }
            Pre::Meta(inner) => Pre::Meta(Box::new(Self(*inner).onto(duct).0)),
            other => panic!("{other:?} goes on no duct: only `pass` does"),
        })
    }

    /// This action one level further out. Calls nest: n calls act n levels out.
    ///
    /// # Panics
    /// If no VM is so deep that it could be performed: further out than [`MAX_LEVELS`] and the host.
    #[must_use]
    pub fn at_meta_level(self) -> Self {
        assert!(
            self.0.levels() <= MAX_LEVELS,
            "an action goes at most {MAX_LEVELS} levels out, and to the host"
        );
        Self(match self.0 {
            Pre::Message(body) => Pre::MessageOut(body),
            Pre::Feedback(body) => Pre::FeedbackOut(body),
            other => Pre::Meta(Box::new(other)),
        })
    }
}
