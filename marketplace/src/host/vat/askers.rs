//! The callers outside that have passed a message to a process of a vat, and wait for answers.

use crate::conversation::duct::PassId;
use crate::data::hash::Map;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::ground_vm::Reply;
use crate::host::vat::feed::Ear;

/// The callers that wait for answers, by the number of the passed message.
#[derive(Default)]
pub(crate) struct Askers(Map<PassId, Ear<Answer>>);

/// An answer, or why none will come.
pub(super) type Answer = Result<Value, Reason>;

impl Askers {
    pub(super) fn add(&mut self, pass: PassId, asker: Ear<Answer>) {
        self.0.insert(pass, asker);
    }

    /// Forgets the caller: nobody waits for answers to this message any more.
    pub(super) fn forget(&mut self, pass: PassId) {
        self.0.remove(&pass);
    }

    /// Hands the reply to the caller that waits for it. Gives the reply back if no caller does.
    pub(crate) fn hand_over(&mut self, reply: Reply) -> Option<Reply> {
        let pass = reply.pass();
        if reply.is_last() {
            if let Some(asker) = self.0.remove(&pass) {
                asker.end(reply.into_answer());
            }
            return None;
        }
        match self.0.get(&pass) {
            Some(asker) if asker.is_read() => {
                asker.add(reply.into_answer());
                None
            }
            _ => {
                self.0.remove(&pass);
                Some(reply)
            }
        }
    }
}
