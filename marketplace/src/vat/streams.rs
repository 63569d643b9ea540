//! What comes out of a vat, for threads and async tasks.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::action::{AddEndpoint, spawn};
use crate::event::Event;
use crate::ground::Stream;
use crate::message::Message;
use crate::pid::Pid;
use crate::process::Turn;
use crate::reason::Reason;
use crate::role::Role;
use crate::topic::Topic;
use crate::transition::Transition;
use crate::value::Value;
use crate::vat::{Vat, VatError, wait};

/// How much waits to be read.
pub(super) const CAPACITY: usize = 1024;

/// What a [`Subscription`] hears.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum VatEvent<M> {
    /// A peer is there, in this role.
    Presence(Role),
    /// A peer is gone, or refused, and why.
    Absence(Role, Reason),
    /// A message.
    Message(M),
    /// So much was missed here, because it was not read in time.
    Lagged(u64),
}

/// The messages of type `M` of a topic in a vat's ground network, and who comes and goes: a bounded stream. It ends when the vat does. Dropped, it
/// ends the subscription.
///
/// Read it in an async task by [`Subscription::next`] or as a [`Stream`], on a thread by [`Subscription::wait`].
#[derive(Debug)]
pub struct Subscription<M> {
    events: mpsc::Receiver<VatEvent<M>>,
    missed: Arc<AtomicU64>,
    vat: Vat,
    pid: Arc<OnceLock<Pid>>,
}

pub(super) fn subscribe<M: Message + Send + 'static>(
    vat: &Vat,
    topic: Topic,
) -> Result<Subscription<M>, VatError> {
    let (sender, events) = mpsc::channel(CAPACITY);
    let (missed, pid) = (Arc::<AtomicU64>::default(), Arc::<OnceLock<Pid>>::default());
    let ear = Ear { sender, missed: missed.clone() };
    let booted = pid.clone();
    vat.order(move |host, _| {
        let process = spawn(move |pid| {
            let _ = booted.set(pid);
            let hear = move |event: &Event<'_>, turn: &mut Turn<'_, ()>| {
                ear.hear(event);
                turn.act(())
            };
            Transition::new((), AddEndpoint::new(Role::subscriber(topic), hear))
        });
        host.vm.spawn(crate::action::name_process("subscription", process));
    })?;
    Ok(Subscription { events, missed, vat: vat.clone(), pid })
}

/// The vat's end of a subscription.
struct Ear<M> {
    sender: mpsc::Sender<VatEvent<M>>,
    /// How much did not fit since the last event that did.
    missed: Arc<AtomicU64>,
}

impl<M: Message> Ear<M> {
    fn hear(&self, event: &Event<'_>) {
        let event = match event.reason() {
            Some(reason) => VatEvent::Absence(event.role(), reason.clone()),
            None if event.is_presence() => VatEvent::Presence(event.role()),
            None => match event.decode() {
                Some(message) => VatEvent::Message(message),
                None => return,
            },
        };
        let missed = self.missed.swap(0, Ordering::AcqRel);
        if missed > 0 && self.is_full(VatEvent::Lagged(missed)) {
            self.missed.fetch_add(missed + 1, Ordering::AcqRel);
        } else if self.is_full(event) {
            self.missed.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn is_full(&self, event: VatEvent<M>) -> bool {
        matches!(self.sender.try_send(event), Err(TrySendError::Full(_)))
    }
}

impl<M> Subscription<M> {
    /// The next event; `None` when the vat has ended.
    pub async fn next(&mut self) -> Option<VatEvent<M>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next event, on an ordinary thread.
    pub fn wait(&mut self) -> Option<VatEvent<M>> {
        wait::for_future(self.next())
    }

    /// The process that subscribes, once it is there.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.pid.get().copied()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<VatEvent<M>>> {
        match self.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(Some(event)),
            // All that was heard has been read: what is missing was to come here.
            other => match self.missed.swap(0, Ordering::AcqRel) {
                0 => other,
                missed => Poll::Ready(Some(VatEvent::Lagged(missed))),
            },
        }
    }
}

impl<M> Unpin for Subscription<M> {}

impl<M> Stream for Subscription<M> {
    type Item = VatEvent<M>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<M> Drop for Subscription<M> {
    fn drop(&mut self) {
        let pid = self.pid.clone();
        // A vat that has ended has ended this, too.
        let _ = self.vat.order(move |host, _| {
            if let Some(pid) = pid.get() {
                host.vm.kill(*pid, Reason::Normal);
            }
        });
    }
}

/// The answers to what was [passed](Vat::pass) to a process of a vat: a bounded stream. One that is not read, and full, gets no more.
#[derive(Debug)]
pub struct Answers {
    answers: mpsc::Receiver<Result<Value, Reason>>,
    vat: Vat,
    wire: Value,
}

impl Answers {
    pub(super) const fn new(answers: mpsc::Receiver<Result<Value, Reason>>, vat: Vat, wire: Value) -> Self {
        Self { answers, vat, wire }
    }

    /// The next answer, or why none will come; `None` when the vat has ended.
    pub async fn next(&mut self) -> Option<Result<Value, Reason>> {
        self.answers.recv().await
    }

    /// The next answer, on an ordinary thread.
    pub fn wait(&mut self) -> Option<Result<Value, Reason>> {
        wait::for_future(self.next())
    }
}

impl Stream for Answers {
    type Item = Result<Value, Reason>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let answer = ready!(self.answers.poll_recv(cx));
        Poll::Ready(answer)
    }
}

impl Drop for Answers {
    /// Nobody waits for them any more.
    fn drop(&mut self) {
        self.answers.close();
        let wire = self.wire.clone();
        // A vat that has ended keeps nothing.
        let _ = self.vat.order(move |_, desk| {
            if let Some(waiting) = desk.answers.get_mut(&wire) {
                waiting.retain(|to| !to.is_closed());
                if waiting.is_empty() {
                    desk.answers.remove(&wire);
                }
            }
        });
    }
}
