//! Streams out of a vat, for threads and async tasks.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use crate::conversation::duct::PassId;
use crate::conversation::event::Event;
use crate::conversation::pid::Pid;
use crate::conversation::role::Role;
use crate::conversation::topic::Topic;
use crate::data::message::Message;
use crate::data::reason::{Failure, Reason};
use crate::data::symbol::Symbol;
use crate::data::value::Value;
use crate::host::ground::Stream;
use crate::host::vat::askers::Answer;
use crate::host::vat::feed::{Ear, Fed, Feed, feed};
use crate::host::vat::{Vat, VatError};
use crate::process::Turn;
use crate::process::action::{AddEndpoint, name_process, spawn};
use crate::process::transition::Transition;

/// An event of a [`Subscription`].
///
/// A role is read by the types of the messages: [`Role::decode`] gives the whole topic, and
/// [`Role::field`] one place of a topic that has wildcards elsewhere.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::vat::{Vat, VatEvent, VatOptions};
///
/// #[derive(Message, Clone, Debug, PartialEq)]
/// struct Says { user: Symbol, what: Text }
///
/// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
///     publisher!(Says { user: "ann", .. }),
/// )).unwrap();
/// let mut said = vat.subscribe::<Says>(topic!(Says { .. })).unwrap();
/// match said.wait().unwrap() {
///     Some(VatEvent::Presence(role)) => assert_eq!(role.field(0), Some(Symbol::new("ann"))),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum VatEvent<M> {
    /// A peer is there, in this role.
    Presence(Role),
    /// A peer is gone, or refused, and why.
    Absence(Role, Reason),
    /// A message.
    Message(M),
    /// So many events were missed here, because they were not read in time.
    Lagged(u64),
}

/// The messages of type `M` of a topic in a vat's ground network, and the presence and absence of
/// peers: a bounded stream. It ends when the vat does, or the process that subscribes. When it is
/// dropped, the subscription ends.
///
/// Read it in an async task by [`Subscription::next`] or as a [`Stream`], on a thread by
/// [`Subscription::wait`]. When a process reads it, as a [`Source`](crate::Source), its events
/// arrive there from this vat: with time and cause.
pub struct Subscription<M> {
    events: Feed<VatEvent<M>>,
    vat: Vat,
    pid: Arc<OnceLock<Pid>>,
}

pub(super) fn subscribe<M: Message + Send + 'static>(
    vat: &Vat,
    topic: Topic,
) -> Result<Subscription<M>, VatError> {
    let (ear, events) = feed();
    let pid = Arc::<OnceLock<Pid>>::default();
    let booted = pid.clone();
    vat.order(move |host| {
        let process = spawn(move |pid| {
            let _ = booted.set(pid);
            let hear = move |event: &Event<'_>, turn: &mut Turn<'_, ()>| {
                note_event(&ear, event);
                turn.act(())
            };
            Transition::new((), AddEndpoint::new(Role::subscriber(topic), hear))
        });
        host.vm.spawn(name_process(Symbol::new("subscription"), process));
    })?;
    Ok(Subscription { events, vat: vat.clone(), pid })
}

fn note_event<M: Message>(ear: &Ear<VatEvent<M>>, event: &Event<'_>) {
    let event = match event.reason() {
        Some(reason) => VatEvent::Absence(event.role(), reason.clone()),
        None if event.is_presence() => VatEvent::Presence(event.role()),
        None => match event.decode() {
            Some(message) => VatEvent::Message(message),
            None => return,
        },
    };
    ear.add(event);
}

impl<M> Subscription<M> {
    /// The next event; `None` when the vat has ended.
    pub async fn next(&mut self) -> Option<VatEvent<M>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next event, on an ordinary thread; `None` when the vat has ended.
    ///
    /// # Errors
    /// If the caller must not wait here: it is a turn, or turns this vat over.
    pub fn wait(&mut self) -> Result<Option<VatEvent<M>>, VatError> {
        self.vat.wait_for(poll_fn(|cx| self.poll(cx)))
    }

    /// The process that subscribes, once it is there.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        self.pid.get().copied()
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<VatEvent<M>>> {
        self.events.poll_next(cx).map(|event| {
            event.map(|event| match event {
                Fed::Event(event) => event,
                Fed::Lagged(missed) => VatEvent::Lagged(missed),
            })
        })
    }
}

impl<M> Unpin for Subscription<M> {}

impl<M> Stream for Subscription<M> {
    type Item = VatEvent<M>;
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<M> Drop for Subscription<M> {
    fn drop(&mut self) {
        let pid = self.pid.clone();
        // If the vat has ended, the subscription has ended, too.
        let _ = self.vat.order(move |host| {
            if let Some(pid) = pid.get() {
                host.vm.kill(*pid, Reason::Normal);
            }
        });
    }
}

impl<M> fmt::Debug for Subscription<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("vat", &self.vat).field("pid", &self.pid()).finish()
    }
}

/// Why [`Answers`] give no answer here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NoAnswer {
    /// So many answers were missed here, because they were not read in time. There may be more.
    Lagged(u64),
    /// No more answers will come, and why: as the [absence of a
    /// duct](crate::Event::is_duct_absence) is told to a process. It is the last item.
    Absence(Reason),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lagged(missed) => write!(f, "{missed} answers were not read in time"),
            Self::Absence(reason) => write!(f, "no answer will come: {reason}"),
        }
    }
}

/// So a [`Source`](crate::Source) of answers ends for the reason for which none will come.
impl From<NoAnswer> for Failure {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::Absence(reason) => Self(reason),
            lagged => Self::value(&lagged.to_string()),
        }
    }
}

/// The answers to one message that was [passed](Vat::pass) to a process of a vat: a bounded stream,
/// which says how many were missed if it is read too slowly. It ends with the absence that says why
/// no more will come, or when the vat does. When it is dropped, nobody waits any more: a process
/// that gives another answer hears the absence of the duct, with reason `gone`.
///
/// Read in a vat, as a [`Source`](crate::Source), answers arrive there from this vat: with time and
/// cause.
pub struct Answers {
    answers: Feed<Answer>,
    vat: Vat,
    pass: Arc<OnceLock<PassId>>,
}

pub(super) fn pass(vat: &Vat, to: Pid, wire: Value, message: Value) -> Result<Answers, VatError> {
    let (asker, answers) = feed();
    let pass = Arc::<OnceLock<PassId>>::default();
    let passed = pass.clone();
    vat.order(move |host| {
        let pass = host.vm.pass(to, wire, &message);
        host.askers.add(pass, asker);
        let _ = passed.set(pass);
    })?;
    Ok(Answers { answers, vat: vat.clone(), pass })
}

impl Answers {
    /// The next answer, or why there is none here; `None` after the last one, or when the vat has
    /// ended.
    pub async fn next(&mut self) -> Option<Result<Value, NoAnswer>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The next answer, or why there is none here, on an ordinary thread; `None` after the last
    /// one, or when the vat has ended.
    ///
    /// # Errors
    /// If the caller must not wait here: it is a turn, or turns this vat over.
    pub fn wait(&mut self) -> Result<Option<Result<Value, NoAnswer>>, VatError> {
        self.vat.wait_for(poll_fn(|cx| self.poll(cx)))
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<Result<Value, NoAnswer>>> {
        self.answers.poll_next(cx).map(|answer| {
            answer.map(|answer| match answer {
                Fed::Event(answer) => answer.map_err(NoAnswer::Absence),
                Fed::Lagged(missed) => Err(NoAnswer::Lagged(missed)),
            })
        })
    }
}

impl Stream for Answers {
    type Item = Result<Value, NoAnswer>;
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl Drop for Answers {
    /// Nobody waits for them any more.
    fn drop(&mut self) {
        let pass = self.pass.clone();
        // A vat that has ended keeps no caller.
        let _ = self.vat.order(move |host| {
            if let Some(pass) = pass.get() {
                host.askers.forget(*pass);
            }
        });
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("vat", &self.vat).field("pass", &self.pass.get()).finish()
    }
}
