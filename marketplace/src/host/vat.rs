//! Vats: a ground VM together with the code that turns it over, and a handle by which the rest of a
//! program talks to it.
//!
//! [`ground_vm!`](crate::ground_vm) is the vat of the main thread. Others live on a thread of their
//! own ([`Vat::spawn`]), in a task of a tokio runtime ([`Vat::task`]), in an existing loop, such as
//! a GUI's or a game's ([`Vat::manual`], or [`Vat::with_host`] for a loop that needs hooks). Inside
//! a vat everything is one deterministic sequence; between vats things happen at the same time, so
//! two vats use two cores.
//!
//! | a host thread or async task | the vat |
//! |---|---|
//! | [`vat.send(&message)`](Vat::send) | the message is sent in its ground network |
//! | [`vat.call(\|caller\| ..)`](Vat::call) | a process takes one turn; the caller waits for its value |
//! | [`vat.call_async(..)`](Vat::call_async) | a process takes one turn; its value comes as a future |
//! | [`vat.subscribe(topic)`](Vat::subscribe) | a process subscribes; messages, presence and absence come as a bounded stream |
//! | [`vat.present(topic)`](Vat::present) | the caller waits to hear who publishes the topic now |
//! | [`vat.pass(pid, wire, &message)`](Vat::pass) | a process is asked; its answers come as a bounded stream |
//! | [`vat.inspect(\|debugger\| ..)`](Vat::inspect) | the caller looks inside, between two turns: dump, step, log, kill |
//! | [`vat.shutdown()`](Vat::shutdown), [`vat.halt()`](Vat::halt) | the vat ends in order; or stops where it is |
//! | [`vat.join()`](Vat::join), [`vat.join_async()`](Vat::join_async) | the caller waits until it has ended |
//!
//! No caller waits for ever: if something cannot arrive, its sender gets an error. A turn never
//! waits for a vat: inside a turn, [`Vat::call`] and every other function that would wait returns
//! an error, and a [`Source::future`](crate::Source::future) made of [`Vat::call_async`] brings the
//! answer as an event.
//!
//! Between vats everything carries its cause and time, there and back: messages, calls and their
//! values, passed messages and their answers, subscriptions and the events that they hear, looks
//! inside. So [`Vat::trace`] and [`Vat::tree`] lead from vat to vat, and the causes of a turn have
//! lower stamps than the turn. A message that goes through a thread or an async task outside every
//! vat counts as the host's.
//!
//! A vat keeps no journal. When its program ends, its contents are gone, and nothing is replayed:
//! its [log](crate::log::Log) is for people.
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
//! assert_eq!(said.wait().unwrap(), Some(VatEvent::Message(Said { what: "hello".into() })));
//! assert_eq!(vat.call(|_| 40 + 2).unwrap(), 42);
//! vat.halt();
//! ```

mod across;
mod askers;
mod asking;
mod churn;
mod debugger;
mod envelope;
mod error;
mod feed;
pub(crate) mod here;
mod objects;
mod options;
#[cfg(any(feature = "inspector", feature = "shell"))]
mod pace;
mod post;
mod posted;
mod program;
mod streams;
mod vat_host;
mod wait;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread::ThreadId;

use tokio::runtime;
use tokio::sync::oneshot;

use crate::conversation::pid::Pid;
use crate::data::lock::lock;
use crate::data::numbers::{Stamp, TowerId};
use crate::ground_vm::GroundError;
use crate::ground_vm::GroundVm;
pub use crate::ground_vm::caller::Caller;
use crate::host::ground::host::Host;
#[cfg(feature = "shell")]
pub(crate) use crate::host::vat::across::PATIENCE;
pub use crate::host::vat::across::VatTree;
pub(crate) use crate::host::vat::across::note;
pub(crate) use crate::host::vat::askers::Askers;
use crate::host::vat::asking::Answered;
pub use crate::host::vat::asking::VatFuture;
pub use crate::host::vat::churn::Churn;
pub use crate::host::vat::debugger::Debugger;
pub use crate::host::vat::envelope::Envelope;
pub use crate::host::vat::error::VatError;
use crate::host::vat::here::OnThread;
pub use crate::host::vat::here::{arriving, here};
pub use crate::host::vat::objects::Asking;
pub use crate::host::vat::options::VatOptions;
#[cfg(feature = "inspector")]
pub(crate) use crate::host::vat::pace::Looking;
#[cfg(any(feature = "inspector", feature = "shell"))]
pub(crate) use crate::host::vat::pace::Pace;
pub use crate::host::vat::posted::Pump;
pub(crate) use crate::host::vat::program::{is_looked_at, of_program};
pub use crate::host::vat::streams::{Answers, NoAnswer, Subscription, VatEvent};
pub use crate::host::vat::vat_host::VatHost;
use crate::process::transition::IntoTransition;
use crate::record::log::DebugAuthority;

/// A ground VM together with the code that turns it over: a handle, cheap to clone. [The
/// module](self) says how to use it.
///
/// When the last handle is gone the vat goes on as a program does, until it is idle and listens to
/// nothing.
#[derive(Clone)]
pub struct Vat(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) id: u64,
    tower: TowerId,
    name: Option<String>,
    state: AtomicU8,
    /// The vats that have received anything from this one.
    reached: Mutex<BTreeSet<u64>>,
    /// Set by [`Vat::halt`], looked at before each action.
    pub(crate) halted: Arc<AtomicBool>,
    host: Box<dyn VatHost>,
    authority: DebugAuthority,
    churn: Mutex<Option<Churn>>,
    /// The thread that turned it over last.
    thread: Mutex<Option<ThreadId>>,
    /// The runtime of which it is a task.
    runtime: OnceLock<runtime::Id>,
    outcome: Mutex<Option<Outcome>>,
    /// Told when it has ended.
    joining: Mutex<Vec<oneshot::Sender<Answered<Outcome>>>>,
    #[cfg(any(feature = "inspector", feature = "shell"))]
    pace: Pace,
}

/// How a vat ended.
type Outcome = Result<(), GroundError>;

const NEW: u8 = 0;
const RUNNING: u8 = 1;
const OVER: u8 = 2;

/// All vats, for [`Vat::all`].
static VATS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// The number of one more vat.
pub(crate) fn new_id() -> u64 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
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
        let (id, since) = (new_id(), Stamp::of(here().map_or(0, |origin| origin.stamp)));
        let mut vm = {
            let _here = OnThread::enter(id, since);
            GroundVm::within_since(options.limits, since, boot)
        };
        vm.log_mut().resize(options.log_capacity);
        if options.log {
            vm.log_mut().turn_on();
        }
        let shared = Arc::new(Shared {
            id,
            tower: vm.tower_id(),
            name: options.name,
            state: AtomicU8::new(NEW),
            reached: Mutex::default(),
            halted: Arc::default(),
            host: Box::new(host),
            authority: vm.debug_authority(),
            churn: Mutex::new(None),
            thread: Mutex::new(None),
            runtime: OnceLock::new(),
            outcome: Mutex::new(None),
            joining: Mutex::default(),
            #[cfg(any(feature = "inspector", feature = "shell"))]
            pace: Pace::new(),
        });
        let rings = Arc::downgrade(&shared);
        vm.on_fall(move || {
            if let Some(vat) = rings.upgrade() {
                vat.wake();
            }
        });
        *lock(&shared.churn) = Some(Churn::new(Host::new(vm, options.warnings), &shared));
        let mut vats = lock(&VATS);
        vats.retain(|vat| vat.strong_count() > 0);
        vats.push(Arc::downgrade(&shared));
        Self(shared)
    }

    /// Starts the vat. It starts once: later calls do nothing.
    pub fn start(&self) {
        let new = self.0.state.compare_exchange(NEW, RUNNING, Ordering::AcqRel, Ordering::Acquire);
        let churn = lock(&self.0.churn).take();
        if let (Ok(_), Some(churn)) = (new, churn) {
            self.0.host.start(churn);
        }
    }

    /// Stops the vat where it is. The action at hand is completed for all that hear it; after that
    /// no process and no source of the vat runs any more. Its waiting envelopes, its queue and its
    /// processes are dropped. A caller that waits for a result gets [`VatError::NotRunning`], and
    /// subscriptions and answers end.
    ///
    /// May be called on any thread, also in one of the vat's own turns.
    pub fn halt(&self) {
        self.0.halted.store(true, Ordering::Release);
        if self.0.state.swap(OVER, Ordering::AcqRel) == RUNNING {
            self.0.wake();
            self.0.host.halt();
        }
        // Destructors of the vat's contents may call this, too: the lock is released before they
        // run.
        let churn = lock(&self.0.churn).take();
        drop(churn);
    }

    /// Ends the vat in order, as a signal ends a program: its processes quit, the youngest first,
    /// and the feedback that sources still hold is flushed.
    ///
    /// # Errors
    /// If it is not running.
    pub fn shutdown(&self) -> Result<(), VatError> {
        self.order(|host| host.shutdown())
    }

    /// Waits until the vat has ended. The calling thread must be neither in a turn nor one that
    /// turns the vat over.
    ///
    /// # Errors
    /// [`VatError`] if the caller must not wait here, else how the vat ended.
    pub fn join(&self) -> Result<Result<(), GroundError>, VatError> {
        self.may_wait()?;
        self.wait_here(self.join_async())
    }

    /// [`Vat::join`] as a future, which any task may await. It gives how the vat ended. A future
    /// that is dropped changes nothing.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::vat::{Vat, VatOptions};
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() {
    ///     let vat = Vat::task(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap();
    ///     vat.shutdown().unwrap();
    ///     assert_eq!(vat.join_async().await, Ok(Ok(())));
    /// }
    /// ```
    pub fn join_async(&self) -> VatFuture<Result<(), GroundError>> {
        let (told, result) = oneshot::channel();
        // While this is locked, the vat does not end.
        let outcome = lock(&self.0.outcome);
        match &*outcome {
            Some(outcome) => {
                // `result` is here.
                let _ = told.send((Ok(outcome.clone()), None));
            }
            None => {
                let mut joining = lock(&self.0.joining);
                // Before the list grows, tasks that wait no more go.
                if joining.len() == joining.capacity() {
                    joining.retain(|told| !told.is_closed());
                }
                joining.push(told);
            }
        }
        VatFuture(Ok(result))
    }

    /// All vats that exist, in the order in which they were made.
    #[must_use]
    pub fn all() -> Vec<Self> {
        lock(&VATS).iter().filter_map(Weak::upgrade).map(Self).collect()
    }

    /// The vat of this number, if a handle to it still exists.
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

impl Shared {
    pub(crate) fn note_thread(&self) {
        *lock(&self.thread) = Some(std::thread::current().id());
    }

    /// A source may be able to go on.
    pub(crate) fn wake(&self) {
        // If there is no room, the vat has envelopes to open anyway.
        let _ = self.host.send(Envelope::wake());
    }

    /// Notes that the vat is not running any more.
    pub(crate) fn stop(&self) {
        self.state.store(OVER, Ordering::Release);
    }

    pub(crate) fn end(&self, outcome: &Result<(), GroundError>) {
        let mut ended = lock(&self.outcome);
        let outcome = ended.get_or_insert_with(|| outcome.clone()).clone();
        let joining = std::mem::take(&mut *lock(&self.joining));
        // A task that is woken may ask this vat at once: the lock is open then.
        drop(ended);
        for told in joining {
            // A task that waits no more has dropped its future.
            let _ = told.send((Ok(outcome.clone()), None));
        }
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
