//! Answers to messages that the host has passed.

use crate::conversation::duct::{Back, PassId};
use crate::data::numbers::TurnId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::ground_vm::GroundVm;
use crate::process::action::{Act, Given, Giving};

/// An answer to a message that the host has [passed](GroundVm::pass), or the reason for which none
/// will come.
///
/// If nobody waits for it any more, the host gives it [back](GroundVm::give_back).
pub struct Reply {
    pass: PassId,
    giving: Box<Giving>,
    cause: TurnId,
}

impl Reply {
    /// An answer on a duct, caused by this turn. `None` if it is not for the host.
    pub(super) fn new(giving: Box<Giving>, cause: TurnId) -> Option<Self> {
        match giving.duct.top()?.0.to {
            Back::Host(pass) => Some(Self { pass, giving, cause }),
            Back::Process { .. } | Back::Promise(_) => None,
        }
    }

    /// The pass to which it is an answer.
    #[must_use]
    pub const fn pass(&self) -> PassId {
        self.pass
    }

    /// The wire that the host named in the pass.
    #[must_use]
    pub fn wire(&self) -> &Value {
        match self.giving.duct.top() {
            Some((hop, _)) => &hop.wire,
            None => unreachable!("it came on a duct"),
        }
    }

    /// The turn that gave it.
    #[must_use]
    pub const fn cause(&self) -> u64 {
        self.cause.number()
    }

    /// Whether it says that none will come, and so is the last.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        !matches!(self.giving.what, Given::Reply(_))
    }

    /// The answer; or the reason for which none will come.
    ///
    /// # Errors
    /// The reason for which none will come.
    pub fn into_answer(self) -> Result<Value, Reason> {
        match self.giving.what {
            Given::Reply(body) => Ok(body),
            Given::Nothing(reason) | Given::Returned(reason) => Err(reason),
        }
    }
}

impl GroundVm {
    /// Says that nobody waits for this answer any more. The process that gave it hears the absence
    /// of the duct, with reason `gone`, as if a process had waited that has ended.
    pub fn give_back(&mut self, reply: Reply) {
        let Reply { mut giving, cause, .. } = reply;
        if let Given::Reply(_) = giving.what {
            giving.what = Given::Returned(Reason::gone());
            self.with_vm(|vm, _| vm.inject(Act::Give(giving), cause));
        }
    }
}
