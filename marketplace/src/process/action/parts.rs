//! The parts of which actions are made.

use std::fmt;

use crate::conversation::duct::{Back, Duct};
use crate::conversation::pid::Pid;
use crate::data::numbers::ActionId;
use crate::data::reason::Reason;
use crate::data::reference::Reference;
use crate::data::value::Value;
use crate::network::owner::ProcessSlot;
use crate::process::action::{Act, Typed};
use crate::process::objects::far::Addressee;

/// The deletion of an endpoint.
pub(crate) struct Deletion {
    pub(crate) name: Value,
    pub(crate) reason: Reason,
    /// Its process has ended.
    pub(crate) ended: bool,
}

/// A message that is passed to one process.
pub(crate) struct Passing {
    pub(crate) to: Address,
    pub(crate) wire: Value,
    pub(crate) body: Value,
    pub(crate) onto: Onto,
}

/// To whom something is passed.
pub(crate) enum Address {
    Process(Pid),
    Object(Reference),
}

/// A receiver to whom a message can be passed: a process, by its PID, or an object, by its
/// reference.
#[diagnostic::on_unimplemented(
    message = "a message can be passed to a `Pid` or to a reference of an object, not to `{Self}`",
    label = "expected a `Pid`, or a `&Far<..>`"
)]
pub trait Addressed {
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only the kernel implements it")]
    fn address(self) -> Address;
}

impl Addressed for Pid {
    #[allow(private_interfaces, reason = "only the kernel implements it")]
    fn address(self) -> Address {
        Address::Process(self)
    }
}

impl<A: Addressee + ?Sized> Addressed for &A {
    #[allow(private_interfaces, reason = "only the kernel implements it")]
    fn address(self) -> Address {
        Address::Object(self.to_reference())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(pid) => write!(f, "{pid}"),
            Self::Object(object) => write!(f, "{object:?}"),
        }
    }
}

/// On which duct something is passed.
pub(crate) enum Onto {
    /// The duct of the event to which the process answers; a new one, if no event led to its turn.
    Event,
    Duct(Duct),
    /// This one: the hop of the process that passes is on it already.
    Pushed(Duct),
}

/// An answer on its way back on a duct.
pub(crate) struct Giving {
    pub(crate) duct: Duct,
    pub(crate) what: Given,
    /// The process that gives it, once that is known; if there is no reply, the one that had no
    /// clause for the message.
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

    /// The answer, or why there is none.
    pub(crate) fn answer(&self) -> Result<Value, Reason> {
        match &self.what {
            Given::Reply(body) => Ok(body.clone()),
            Given::Nothing(reason) | Given::Returned(reason) => Err(reason.clone()),
        }
    }

    /// Notes on the duct that the answer does not arrive, because the process that was to bring it
    /// ends. The process that waits for it has not been told.
    pub(crate) fn lose(&self) {
        match self.what {
            Given::Nothing(_) => self.duct.lose_nothing(),
            Given::Reply(_) | Given::Returned(_) => self.duct.lose(),
        }
    }
}

/// The content of an answer.
pub(crate) enum Given {
    Reply(Value),
    /// There will be no reply.
    Nothing(Reason),
    /// To the giver: its reply did not arrive.
    Returned(Reason),
}

/// An action that a process of a nested VM has at the meta level.
pub(crate) struct Relayed<S> {
    /// The process in the nested VM.
    pub(crate) pid: Pid,
    /// Its place there, if it waits until the action has been performed.
    pub(crate) process: ProcessSlot,
    /// The number of the action here, and the number of the action inside that handed it out.
    pub(crate) id: ActionId,
    pub(crate) cause: ActionId,
    pub(crate) act: Act<Typed<S>>,
}

impl<S> Relayed<S> {
    /// Says that the action is not performed: if it is an answer, the answer is lost.
    pub(crate) fn lose(&self) {
        if let Act::Give(giving) = &self.act {
            giving.lose();
        }
    }
}

/// How a process quits, if there is more to say than that it does.
#[derive(Default)]
pub(crate) struct Ending {
    pub(crate) reason: Option<Reason>,
    /// The duct on which the process quits instead of answering.
    pub(crate) instead: Option<Duct>,
}

impl Ending {
    pub(crate) fn because(reason: Reason) -> Option<Box<Self>> {
        Some(Box::new(Self { reason: Some(reason), instead: None }))
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pass {} to {:?} on {}", self.body, self.to, self.wire)
    }
}

impl fmt::Debug for Giving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Given::Reply(body) => write!(f, "give {body}"),
            Given::Nothing(reason) => write!(f, "give no reply ({reason})"),
            Given::Returned(reason) => write!(f, "return a reply that did not arrive ({reason})"),
        }
    }
}
