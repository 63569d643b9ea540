//! The host speaks to objects.

use crate::conversation::promise::when::{Waiting, When};
use crate::data::message::Message;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::ground_vm::GroundVm;
use crate::process::action::Act;
use crate::process::objects::Object;
use crate::process::objects::answers::read;
use crate::process::objects::asks::{Asker, Request, Told};
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::forms::spawn_object;

/// Messages of a host to objects, and the promise that it waits for.
pub(crate) struct Asked {
    requests: Vec<Request>,
    on: Option<Value>,
}

impl Asked {
    /// The requests of this closure, which is called on whatever thread.
    pub(crate) fn new<T: Message>(send: impl FnOnce(&Asker) -> Promise<T>) -> Self {
        let asker = Asker::new();
        let promise = send(&asker);
        Self { requests: asker.into_requests(), on: Some(promise.into_value()) }
    }

    /// The requests of this closure, if nobody waits for an answer.
    pub(crate) fn told<R: Told>(send: impl FnOnce(&Asker) -> R) -> Self {
        let asker = Asker::new();
        let _ = send(&asker);
        Self { requests: asker.into_requests(), on: None }
    }
}

impl GroundVm {
    /// Makes an object in a process of its own, in the ground VM. The reference can be used at
    /// once.
    pub fn spawn_object<O: Object>(&mut self, object: O) -> Far<O> {
        let (spawn, far) = spawn_object(object);
        self.spawn(spawn);
        far
    }

    /// Sends what `send` asks for, and gives `answer` what the promise that it gives is settled
    /// with, or the reason for which it is broken. If the VM ends before, `answer` is dropped.
    pub fn ask<T: Message>(
        &mut self,
        send: impl FnOnce(&Asker) -> Promise<T>,
        answer: impl FnOnce(Result<T, Reason>) + Send + 'static,
    ) {
        self.asked(Asked::new(send), |result| answer(read(&result)));
    }

    /// Sends what `send` asks for.
    pub fn tell<R: Told>(&mut self, send: impl FnOnce(&Asker) -> R) {
        self.asked(Asked::told(send), drop);
    }

    pub(crate) fn asked(
        &mut self,
        Asked { requests, on }: Asked,
        answer: impl FnOnce(Result<Value, Reason>) + Send + 'static,
    ) {
        for request in requests {
            self.give(Act::from(request));
        }
        if let Some(on) = on {
            self.give(Act::Wait(Box::new(Waiting { on, when: When::Host(Box::new(answer)) })));
        }
    }
}
