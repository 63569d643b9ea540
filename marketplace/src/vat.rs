//! Vats: a ground VM together with whatever turns it over, and a handle by which the rest of a program talks to it.
//!
//! [`ground_vm!`](crate::ground_vm) is the vat of the main thread. Others live on a thread of their own ([`Vat::spawn`]), in a task of a tokio
//! runtime ([`Vat::task`]), in a loop that is there already, such as a GUI's or a game's ([`Vat::manual`], or [`Vat::with_host`] for one
//! that needs hooks). Inside a vat everything is one deterministic sequence; between vats things happen at the same time, so two vats use
//! two cores.
//!
//! | a host thread or async task | the vat |
//! |---|---|
//! | [`vat.send(&message)`](Vat::send) | the message is sent in its ground network |
//! | [`vat.call(\|caller\| ..)`](Vat::call) | a process takes one turn; the caller waits for its value |
//! | [`vat.call_async(..)`](Vat::call_async) | the same, as a future |
//! | [`vat.subscribe(topic)`](Vat::subscribe) | a process subscribes; messages, presence and absence come as a bounded stream |
//! | [`vat.pass(pid, wire, &message)`](Vat::pass) | a process is asked; its answers come as a bounded stream |
//! | [`vat.inspect(\|debugger\| ..)`](Vat::inspect) | one looks inside, between two turns: dump, step, log, kill |
//! | [`vat.shutdown()`](Vat::shutdown), [`vat.halt()`](Vat::halt) | it ends in order; or stops where it is |
//!
//! Nobody is left waiting: what cannot arrive is an error told to the sender. A turn never waits for a vat: inside one, [`Vat::call`] is an error,
//! and a [`Source::future`](crate::Source::future) made of [`Vat::call_async`] brings the answer as an event.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::vat::{Vat, VatEvent, VatOptions};
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Said { what: Text }
//!
//! // Says everything once more, in capitals.
//! let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
//!     subscriber!("say", on_message!(_ => send_message!(Said { what: "hello".into() }))),
//! )).unwrap();
//!
//! let mut said = vat.subscribe::<Said>(topic!(Said { what: _ })).unwrap();
//! vat.send(&"say".to_string()).unwrap();
//! assert_eq!(said.wait(), Some(VatEvent::Message(Said { what: "hello".into() })));
//! assert_eq!(vat.call(|_| 40 + 2).unwrap(), 42);
//! vat.halt();
//! ```

mod churn;
mod debugger;
mod envelope;
pub(crate) mod here;
mod hosts;
mod post;
mod program;
mod streams;
mod wait;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::thread::ThreadId;

use tokio::sync::{mpsc, oneshot};

pub use crate::caller::Caller;
use crate::error::GroundError;
use crate::ground::host::Host;
use crate::ground_vm::GroundVm;
use crate::log::{DebugAuthority, LOG_CAPACITY, LoggedTurn};
use crate::message::Message;
use crate::pid::Pid;
use crate::reason::Reason;
use crate::role::Orientation;
use crate::topic::Topic;
use crate::transition::IntoTransition;
use crate::value::Value;
pub use crate::vat::churn::Churn;
pub use crate::vat::debugger::Debugger;
use crate::vat::envelope::Content;
pub use crate::vat::envelope::Envelope;
pub use crate::vat::here::{arriving, here};
pub use crate::vat::hosts::Pump;
pub(crate) use crate::vat::program::{is_looked_at, of_program};
pub use crate::vat::streams::{Answers, Subscription, VatEvent};

/// How a vat is made.
///
/// ```
/// use marketplace::vat::VatOptions;
/// let options = VatOptions { name: Some("accounts".into()), log: true, ..VatOptions::default() };
/// assert_eq!(options.log_capacity, 256);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatOptions {
    /// A name for people. It is not that of any variable.
    pub name: Option<String>,
    /// Whether turns are logged from the beginning.
    pub log: bool,
    /// How many turns the log keeps.
    pub log_capacity: usize,
    /// How many envelopes wait at most, with the hosts that come with this crate.
    pub inbox: usize,
}

impl Default for VatOptions {
    fn default() -> Self {
        Self { name: None, log: false, log_capacity: LOG_CAPACITY, inbox: 65_536 }
    }
}

/// What turns a vat over: three hooks.
///
/// A host that is a loop of its own keeps the [`Churn`] and a queue of envelopes, both of which may be reached from several threads:
///
/// ```
/// use std::sync::{Arc, Mutex, mpsc};
/// use marketplace::prelude::*;
/// use marketplace::vat::{Churn, Envelope, Vat, VatHost, VatOptions};
///
/// /// The queue is emptied by a loop on another thread.
/// struct Custom {
///     envelopes: Mutex<Option<mpsc::Sender<Envelope>>>,
/// }
///
/// impl VatHost for Custom {
///     fn start(&self, mut churn: Churn) {
///         let (sender, envelopes) = mpsc::channel();
///         *self.envelopes.lock().unwrap() = Some(sender);
///         std::thread::spawn(move || {
///             while churn.pump() && let Ok(envelope) = envelopes.recv() {
///                 churn.feed(envelope);
///             }
///         });
///     }
///     fn halt(&self) {
///         *self.envelopes.lock().unwrap() = None;
///     }
///     fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
///         match &*self.envelopes.lock().unwrap() {
///             Some(envelopes) => envelopes.send(envelope).map_err(|error| error.0),
///             None => Err(envelope),
///         }
///     }
/// }
///
/// let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), Custom { envelopes: Mutex::new(None) });
/// assert!(vat.call(|_| ()).is_err(), "it is not running");
/// vat.start();
/// assert_eq!(vat.call(|_| "done").unwrap(), "done");
/// ```
pub trait VatHost: Send + Sync {
    /// Arranges for the churn to be turned, and returns at once.
    fn start(&self, churn: Churn);
    /// The vat is halted: the churn is not to be turned any more. What waits is dropped.
    fn halt(&self);
    /// Arranges for the envelope to be handed to the churn, on the thread that turns it. Called on any thread, also by wakers.
    ///
    /// # Errors
    /// The envelope, if there is no room for it now.
    fn send(&self, envelope: Envelope) -> Result<(), Envelope>;
}

/// Why a vat did not do something.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VatError {
    /// It has not been started, was halted, or has ended.
    #[error("the vat is not running")]
    NotRunning,
    /// The turn failed. The vat lives on.
    #[error("the turn failed: {reason}")]
    Failed {
        /// The turn's number, by which the log knows it.
        turn: u64,
        /// Why.
        reason: Reason,
    },
    /// A turn does not wait: not for its own vat, which would be for ever, and not for another one, which may be waiting for this one.
    #[error(
        "a turn does not wait for a vat: make a source of `call_async`, and the answer comes as an event"
    )]
    InsideVat,
    /// The thread that calls is the one that turns the vat over: it would wait for itself.
    #[error("this thread turns the vat over: it cannot wait for it")]
    SameThread,
    /// So many envelopes wait already that there is no room, and the caller must not wait.
    #[error("too much waits to be done by the vat")]
    Full,
    /// The vat could not be started.
    #[error("the vat cannot start: {0}")]
    Host(crate::reason::SharedError),
}

/// A ground VM with whatever turns it over: a handle, cheap to clone. [The module](self) says what one does with it.
///
/// When the last handle is gone the vat goes on as a program does, until it is idle and listens to nothing.
#[derive(Clone)]
pub struct Vat(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) id: u64,
    name: Option<String>,
    state: AtomicU8,
    host: Box<dyn VatHost>,
    churn: Mutex<Option<Churn>>,
    /// The thread that turned it over last.
    thread: Mutex<Option<ThreadId>>,
    outcome: Mutex<Option<Result<(), GroundError>>>,
    ended: Condvar,
}

const NEW: u8 = 0;
const RUNNING: u8 = 1;
const OVER: u8 = 2;

/// All vats, for [`Vat::all`].
static VATS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Making vats.
impl Vat {
    /// A vat with a host of its own. It runs once it is [started](Vat::start).
    pub fn with_host<T>(
        options: VatOptions,
        boot: impl FnOnce(Pid) -> T + Send + 'static,
        host: impl VatHost + 'static,
    ) -> Self
    where
        T: IntoTransition<State: Send + 'static>,
    {
        let mut vm = GroundVm::new(boot);
        vm.log_mut().resize(options.log_capacity);
        if options.log {
            vm.log_mut().turn_on();
        }
        let shared = Arc::new(Shared {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            name: options.name,
            state: AtomicU8::new(NEW),
            host: Box::new(host),
            churn: Mutex::new(None),
            thread: Mutex::new(None),
            outcome: Mutex::new(None),
            ended: Condvar::new(),
        });
        *lock(&shared.churn) = Some(Churn::new(Host::new(vm), &shared));
        let mut vats = lock(&VATS);
        vats.retain(|vat| vat.strong_count() > 0);
        vats.push(Arc::downgrade(&shared));
        Self(shared)
    }

    /// Starts it. Once only: later calls do nothing.
    pub fn start(&self) {
        let new = self.0.state.compare_exchange(NEW, RUNNING, Ordering::AcqRel, Ordering::Acquire);
        let churn = lock(&self.0.churn).take();
        if let (Ok(_), Some(churn)) = (new, churn) {
            self.0.host.start(churn);
        }
    }

    /// Stops it where it is: nothing of it runs any more once the turn at hand is over, and what waits is dropped. Who waits for a result hears
    /// [`VatError::NotRunning`].
    pub fn halt(&self) {
        if self.0.state.swap(OVER, Ordering::AcqRel) == RUNNING {
            let _ = self
                .0
                .host
                .send(Envelope::new(Content::Order(Box::new(|_, desk| desk.halted = true)), false));
            self.0.host.halt();
        }
        drop(lock(&self.0.churn).take());
    }

    /// Ends it in order, as a signal ends a program: its processes quit, the youngest first, and what was written is flushed.
    ///
    /// # Errors
    /// If it is not running.
    pub fn shutdown(&self) -> Result<(), VatError> {
        self.order(|host, _| host.shutdown())
    }

    /// Waits until it has ended, on a thread that is neither a turn's nor the one that turns it over.
    ///
    /// # Errors
    /// [`VatError`] if one cannot wait here, else how it ended.
    pub fn join(&self) -> Result<Result<(), GroundError>, VatError> {
        self.may_wait()?;
        let mut outcome = lock(&self.0.outcome);
        loop {
            if let Some(outcome) = &*outcome {
                return Ok(outcome.clone());
            }
            outcome = self.0.ended.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Those that there are, in the order in which they were made.
    #[must_use]
    pub fn all() -> Vec<Self> {
        lock(&VATS).iter().filter_map(Weak::upgrade).map(Self).collect()
    }

    /// The vat of this number, if there still is a handle to it.
    #[must_use]
    pub fn find(id: u64) -> Option<Self> {
        Self::all().into_iter().find(|vat| vat.id() == id)
    }

    /// Its number, which no other vat of this program has.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Whether it has been started and has not ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.state.load(Ordering::Acquire) == RUNNING
    }
}

/// Talking to a vat.
impl Vat {
    /// Sends a message in its ground network, as if from outside every process. Messages of one thread stay in order. Does not wait for
    /// the message to be heard; on an ordinary thread, for room.
    ///
    /// # Errors
    /// If it is not running, or has no room and the caller is a turn or an async task.
    pub fn send(&self, message: &impl Message) -> Result<(), VatError> {
        self.put(Content::Message(message.to_value(), Orientation::Publisher), false)
    }

    /// Sends feedback in its ground network.
    ///
    /// # Errors
    /// As [`Vat::send`].
    pub fn send_feedback(&self, message: &impl Message) -> Result<(), VatError> {
        self.put(Content::Message(message.to_value(), Orientation::Subscriber), false)
    }

    /// Makes a process in its ground VM for one turn, and waits for what that returns. What the turn asks for by [`Caller::act`] is performed
    /// afterwards; then the process is gone, unless it has endpoints.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatError, VatOptions};
    /// # let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    /// let pid = vat.call(|caller| {
    ///     caller.act(send_message!("hello"));
    ///     caller.pid()
    /// });
    /// assert!(pid.is_ok());
    /// let failed = vat.call(|_| -> () { panic!("no") });
    /// assert!(matches!(failed, Err(VatError::Failed { .. })));
    /// assert_eq!(vat.call(|_| "it lives"), Ok("it lives"));
    /// ```
    ///
    /// # Errors
    /// If it is not running, or ends before the turn; if the turn panics; if the caller must not wait here.
    pub fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        wait::for_future(self.call_async(work))
    }

    /// [`Vat::call`] as a future, for async tasks; and for turns, by [`Source::future`](crate::Source::future).
    pub fn call_async<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Caller) -> T + Send + 'static,
    ) -> VatFuture<T> {
        let (told, result) = oneshot::channel();
        let answer = move |result: Result<T, (u64, Reason)>| {
            // Who asked may have gone.
            let _ = told.send(result.map_err(|(turn, reason)| VatError::Failed { turn, reason }));
        };
        let put = self.put(Content::Work(Box::new(move |host| host.vm.call(work, answer))), true);
        VatFuture(put.map(|()| result))
    }

    /// Subscribes to a topic of its ground network, as a participant. What comes waits in a [`Subscription`]; dropped, that ends, and its
    /// peers hear the absence. If it is read too slowly it says how much was missed; the vat does not wait.
    ///
    /// # Errors
    /// If it is not running.
    pub fn subscribe<M: Message + Send + 'static>(
        &self,
        topic: impl Into<Topic>,
    ) -> Result<Subscription<M>, VatError> {
        streams::subscribe(self, topic.into())
    }

    /// Passes a message to one process of its ground VM, and gets the answers: none, one or many. They end when the process, and whoever
    /// it has handed the duct to, has gone. In a duct's print the last hop is `//wire`.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatOptions};
    /// let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(
    ///     subscriber!(_, match_duct!(duct => on_message!(n: u32 => give(&duct, &(2 * n))))),
    /// )).unwrap();
    /// let mut answers = vat.pass(Pid::BOOT, "double", &21u32).unwrap();
    /// assert_eq!(answers.wait(), Some(Ok(42u32.to_value())));
    /// ```
    ///
    /// # Errors
    /// If it is not running.
    pub fn pass(&self, to: Pid, wire: impl Into<Value>, message: &impl Message) -> Result<Answers, VatError> {
        let (wire, message) = (wire.into(), message.to_value());
        let (answers, waiting) = mpsc::channel(streams::CAPACITY);
        let asked = wire.clone();
        self.order(move |host, desk| {
            desk.answers.entry(wire.clone()).or_default().push(answers);
            host.vm.pass(to, wire, &message);
        })?;
        Ok(Answers::new(waiting, self.clone(), asked))
    }

    /// Looks inside, between two turns, also while it is stopped, and waits for what `look` returns. It does not queue behind what was sent
    /// before: that may still wait. A vat that is stopped takes nothing that is sent; [`Debugger::send`] does.
    ///
    /// ```
    /// # use marketplace::prelude::*;
    /// # use marketplace::vat::{Vat, VatOptions};
    /// # let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap();
    /// let processes = vat.inspect(|debugger| debugger.dump().processes.len()).unwrap();
    /// assert_eq!(processes, 2);
    /// ```
    ///
    /// # Errors
    /// If it is not running; if the caller must not wait here.
    pub fn inspect<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> Result<T, VatError> {
        self.may_wait()?;
        wait::for_future(self.inspect_async(look))
    }

    /// [`Vat::inspect`] as a future.
    pub fn inspect_async<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Debugger<'_>) -> T + Send + 'static,
    ) -> VatFuture<T> {
        let (told, result) = oneshot::channel();
        let put = self.order(move |host, _| {
            let _ = told.send(Ok(look(&mut Debugger::new(host))));
        });
        VatFuture(put.map(|()| result))
    }

    /// How it came to a turn, newest first, across vats: what came from another vat is followed into that one's log.
    ///
    /// # Errors
    /// If the vat is not running; if the caller must not wait here.
    pub fn trace(&self, turn: u64) -> Result<Vec<(u64, LoggedTurn)>, VatError> {
        let mut found = Vec::new();
        let mut next = Some((self.clone(), turn));
        while let Some((vat, turn)) = next.take() {
            let traced: Vec<LoggedTurn> =
                vat.inspect(move |debugger| debugger.log().trace(turn).into_iter().cloned().collect())?;
            let origin = traced.last().and_then(|first| first.origin);
            found.extend(traced.into_iter().map(|turn| (vat.id(), turn)));
            // A vat that is gone, or halted, is a leaf.
            next = origin
                .and_then(|origin| Some((Self::find(origin.vat)?, origin.turn)))
                .filter(|(vat, _)| vat.is_running());
        }
        Ok(found)
    }

    /// The right to see what is on its ducts.
    #[must_use]
    pub const fn debug_authority(&self) -> DebugAuthority {
        DebugAuthority::new()
    }

    fn order(
        &self,
        order: impl FnOnce(&mut Host, &mut churn::Desk) + Send + 'static,
    ) -> Result<(), VatError> {
        self.put(Content::Order(Box::new(order)), true)
    }

    fn put(&self, content: Content, wants_result: bool) -> Result<(), VatError> {
        if !self.is_running() {
            return Err(VatError::NotRunning);
        }
        let sent = self.0.host.send(Envelope::new(content, wants_result));
        sent.map_err(|_| if self.is_running() { VatError::Full } else { VatError::NotRunning })
    }

    /// Whether the caller may wait for this vat.
    fn may_wait(&self) -> Result<(), VatError> {
        if here().is_some() {
            return Err(VatError::InsideVat);
        }
        let turned_here = *lock(&self.0.thread) == Some(std::thread::current().id());
        if turned_here && self.is_running() { Err(VatError::SameThread) } else { Ok(()) }
    }
}

/// What a vat has been asked for, when it comes: see [`Vat::call_async`] and [`Vat::inspect_async`]. Dropped, it is done all the same.
#[must_use = "a future does nothing unless it is awaited; the vat has been asked all the same"]
#[derive(Debug)]
pub struct VatFuture<T>(Result<oneshot::Receiver<Result<T, VatError>>, VatError>);

impl<T> Future for VatFuture<T> {
    type Output = Result<T, VatError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(result) => {
                let result = ready!(Pin::new(result).poll(cx));
                Poll::Ready(result.unwrap_or(Err(VatError::NotRunning)))
            }
            Err(error) => Poll::Ready(Err(error.clone())),
        }
    }
}

impl Shared {
    pub(crate) fn note_thread(&self) {
        *lock(&self.thread) = Some(std::thread::current().id());
    }

    /// A source may be able to go on.
    pub(crate) fn wake(&self) {
        // With no room there is something to do anyway.
        let _ = self.host.send(Envelope::wake());
    }

    pub(crate) fn end(&self, outcome: &Result<(), GroundError>) {
        self.state.store(OVER, Ordering::Release);
        lock(&self.outcome).get_or_insert_with(|| outcome.clone());
        self.ended.notify_all();
    }
}

impl fmt::Debug for Vat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vat")
            .field("id", &self.0.id)
            .field("name", &self.0.name)
            .field("running", &self.is_running())
            .finish()
    }
}

/// Two handles to one vat are equal.
impl PartialEq for Vat {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Vat {}
