//! The host speaks to objects.

use crate::conversation::pid::Pid;
use crate::conversation::promise::when::{Waiting, When};
use crate::data::message::Message;
use crate::data::numbers::TurnId;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::ground_vm::GroundVm;
use crate::process::action::Act;
use crate::process::objects::Object;
use crate::process::objects::answers::read_answer;
use crate::process::objects::asks::{Asker, Request, Told};
use crate::process::objects::far::{Far, Promise};
use crate::process::objects::forms::spawn_object;
use crate::process::queue::{HOST, Pending, Work};

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
    pub(crate) fn without_answer<R: Told>(send: impl FnOnce(&Asker) -> R) -> Self {
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
        self.asked(Asked::new(send), |result| answer(read_answer(&result)));
    }

    /// Asks as [`ask`](Self::ask) does, if `send` does not fail.
    #[cfg(feature = "shell")]
    pub(crate) fn try_ask<T: Message, E>(
        &mut self,
        send: impl FnOnce(&Asker) -> Result<Promise<T>, E>,
        answer: impl FnOnce(Result<T, Reason>) + Send + 'static,
    ) -> Result<(), E> {
        let asker = Asker::new();
        let on = Some(send(&asker)?.into_value());
        self.asked(Asked { requests: asker.into_requests(), on }, |result| answer(read_answer(&result)));
        Ok(())
    }

    /// Sends what `send` asks for.
    pub fn tell<R: Told>(&mut self, send: impl FnOnce(&Asker) -> R) {
        self.asked(Asked::without_answer(send), drop);
    }

    /// Sends what `send` asks for, and delivers it at once: before all that waits in the queue, a
    /// debugging act. The actions to which it leads are queued as ever.
    ///
    /// ```
    /// use marketplace::GroundVm;
    /// use marketplace::objects::*;
    /// use marketplace::prelude::*;
    ///
    /// struct Note(Vec<u32>);
    ///
    /// #[object]
    /// impl Note {
    ///     fn write(&mut self, n: u32) -> Vec<u32> {
    ///         self.0.push(n);
    ///         self.0.clone()
    ///     }
    /// }
    ///
    /// let mut vm = GroundVm::new(|_| transition_no_state!());
    /// let note = vm.spawn_object(Note(vec![]));
    /// vm.run(usize::MAX);
    /// vm.tell(|cx| note.write(cx, 1));
    /// vm.tell_now(|cx| note.write(cx, 2));
    /// vm.ask(|cx| note.write(cx, 3), |all| assert_eq!(all, Ok(vec![2, 1, 3])));
    /// vm.run(usize::MAX);
    /// ```
    pub fn tell_now<R: Told>(&mut self, send: impl FnOnce(&Asker) -> R) {
        for request in Asked::without_answer(send).requests {
            let id = self.next.next_action();
            let work = Work::Act(Act::from(request));
            let first = Pending::new(work, HOST, Pid::BOOT, id, TurnId::NONE.into());
            self.vm_mut().processes.queue.put_back(first);
            self.note_sender(id);
            self.run(1);
        }
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
            let when = When::Host(self.ears.open(answer));
            self.give(Act::Wait(Box::new(Waiting { on, when })));
        }
    }
}
