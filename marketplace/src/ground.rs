//! The ground VM on tokio: the only place that knows a runtime.
//!
//! All waiting in a program happens here. [`ground_vm!`](crate::ground_vm) is a whole program; [`run`] is for programs that have a runtime
//! already.
//!
//! # Writing a driver
//!
//! A driver lets processes talk with something outside in topics of their own. It has two halves:
//!
//! * The **outer half** is a stream of items and, where processes also write, a sink for feedback. It may wait as much as it likes. It becomes
//!   a [`Source`] by [`Source::stream`], [`Source::duplex`] or, for a single async call, [`Source::future`].
//! * The **process half** is ordinary processes. One watches who wants something; it starts a process for each thing wanted, and that process
//!   turns ground events into messages and back. It knows no runtime, so it is tested in a [`sim`](crate::sim) with scripted sources.
//!
//! A source is on while a participant subscribes to `Ground(source, _)` at the meta level of the ground VM (so directly from a process of the
//! ground VM; the [event relay](crate::event_relay()) brings ground events further in). What to expect of it:
//!
//! | the process | the source |
//! |---|---|
//! | `at_meta_level!(subscriber!(Ground(source, _), ..))` | is turned on; its presence says so |
//! | `on_message!(Ground::<T>(_, item) => ..)` | one item. The next one is asked for when the VM is idle |
//! | `at_meta_level!(send_feedback!(Ground(source, what)))` | its sink takes `what` |
//! | `at_meta_level!(send_feedback!(Ground(source, Credit(n))))` | may give n more items, if made [with credit](Source::credited) |
//! | `on_absence!(match_reason..)` | it has ended, by itself (normal) or with an error |
//! | deletes the endpoint, or ends | it is turned off; the sink is flushed and closed, for at most [`GRACE`] |
//!
//! This one gives ticks to whoever subscribes to them, at the rate that the topic says; nobody has to start or stop it:
//!
//! ```
//! use std::convert::Infallible;
//! use std::pin::Pin;
//! use std::task::{Context, Poll, ready};
//! use std::time::Duration;
//!
//! use marketplace::ground::{self, Stream};
//! use marketplace::prelude::*;
//! use marketplace::{Ground, Source};
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Tick {
//!     every_ms: u64,
//!     count: u64,
//! }
//!
//! /// The outer half.
//! struct Ticks {
//!     interval: tokio::time::Interval,
//!     count: u64,
//! }
//!
//! impl Stream for Ticks {
//!     type Item = Result<u64, Infallible>;
//!     fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
//!         ready!(self.interval.poll_tick(cx));
//!         self.count += 1;
//!         Poll::Ready(Some(Ok(self.count)))
//!     }
//! }
//!
//! /// The process half: a process for each rate that somebody wants.
//! fn driver<S>() -> Spawn<S> {
//!     let watch = || {
//!         transition_no_state!(observe_subscribers!(
//!             Tick { .. },
//!             match_conversation!(Tick { every_ms, .. } => on_first_presence!(spawn!(ticker(every_ms)))),
//!         ))
//!     };
//!     name_process(Symbol::new("tick-driver"), spawn!(watch()))
//! }
//!
//! fn ticker(every_ms: u64) -> Transition<()> {
//!     let interval = tokio::time::interval(Duration::from_millis(every_ms));
//!     let source = Source::stream(Ticks { interval, count: 0 });
//!     transition_no_state!(
//!         publisher!(Tick { every_ms, .. }, on_last_absence!(quit()), on_vacancy!(quit())),
//!         at_meta_level!(subscriber!(
//!             Ground::<u64>(source, _),
//!             on_message!(Ground::<u64>(_, count) => send_message!(Tick { every_ms, count })),
//!         )),
//!     )
//! }
//!
//! // Two ticks are enough for this program; nothing of it is left when it ends.
//! let boot = |_boot_pid| {
//!     transition_no_state!(
//!         driver(),
//!         subscriber!(
//!             Tick { every_ms: 1, .. },
//!             on_message!(Tick { count: 2, .. } => at_meta_level!(quit())),
//!         ),
//!     )
//! };
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! assert!(runtime.block_on(ground::run(boot, std::future::pending())).is_ok());
//! ```

mod engine;
mod log;
mod ready;
pub mod signals;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub use futures_core::Stream;
pub use futures_sink::Sink;
use tokio::runtime::{Builder, Handle};
use tokio::time::{Sleep, sleep};

use crate::door;
use crate::error::GroundError;
use crate::ground::engine::Engine;
use crate::ground::ready::{Bell, Key, Ready};
use crate::ground_vm::{GroundVm, Output};
use crate::hash::Map;
use crate::pid::Pid;
use crate::reason::{Reason, SharedError};
use crate::slots::Slots;
use crate::source::Source;
use crate::transition::IntoTransition;

/// How long the sink of a source that was turned off may go on flushing.
pub const GRACE: Duration = Duration::from_secs(5);

/// How many actions are performed before sources are asked again, if the VM is never idle.
const SLICE: usize = 4096;

/// How many sources are asked before tokio's other tasks get a turn. If the VM is not idle in between, each slice ends with that.
const ROUNDS: usize = 256;

/// Runs a ground VM in the runtime of the caller (with time enabled) until it [is done](GroundVm::is_done) or `shutdown` is ready; then every process quits,
/// the youngest first, and what was written is flushed.
///
/// ```
/// use marketplace::{Transition, ground, send_message};
///
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// let boot = |_pid| Transition::new((), send_message(&"hello".to_string()));
/// assert!(runtime.block_on(ground::run(boot, std::future::pending())).is_ok());
/// ```
///
/// # Errors
/// If the boot process fails, or a process ends the ground VM with a reason that is not normal.
pub async fn run<T>(
    boot: impl FnOnce(Pid) -> T + Send + 'static,
    shutdown: impl Future<Output = ()>,
) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    let mut host = Host::new(GroundVm::new(boot));
    let mut shutdown = pin!(shutdown);
    let mut stopping = false;
    poll_fn(|cx| {
        if !stopping && shutdown.as_mut().poll(cx).is_ready() {
            stopping = true;
            host.vm.shutdown();
        }
        host.poll(cx)
    })
    .await
}

/// Runs a whole program, as [`ground_vm!`](crate::ground_vm) does: on a runtime of its own, ending in order at the first SIGINT or SIGTERM
/// and at once at the second, with logs on stderr if `MARKETPLACE_LOG` names a level.
///
/// # Errors
/// As [`run`], and if there can be no runtime, or there is one already.
pub fn run_program<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    let host = |error: std::io::Error| GroundError::Host(SharedError::new(error));
    if Handle::try_current().is_ok() {
        return Err(host(std::io::Error::other("a runtime is running already: call `ground::run` in it")));
    }
    log::start();
    let runtime = Builder::new_current_thread().enable_all().build().map_err(host)?;
    runtime.block_on(async {
        let stop = signals::stop().map_err(host)?;
        run(boot, stop).await
    })
}

/// A ground VM and the sources that it has turned on.
struct Host {
    vm: GroundVm,
    running: Slots<Running, 0>,
    by_source: Map<Source, u32>,
    closing: Slots<Closing, 0>,
    still_closing: usize,
    ready: Arc<Ready>,
    /// Sinks that were given something and are to be flushed.
    unflushed: Vec<u32>,
}

struct Running {
    source: Source,
    engine: Engine,
    bell: Arc<Bell>,
    waker: Waker,
}

/// A source that was turned off, while its sink flushes.
struct Closing {
    engine: Engine,
    grace: Pin<Box<Sleep>>,
    waker: Waker,
}

impl Host {
    fn new(vm: GroundVm) -> Self {
        Self {
            vm,
            running: Slots::new(),
            by_source: Map::default(),
            closing: Slots::new(),
            still_closing: 0,
            ready: Arc::new(Ready::default()),
            unflushed: Vec::new(),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GroundError>> {
        self.ready.register(cx.waker());
        for _ in 0..ROUNDS {
            self.vm.run(SLICE);
            self.serve();
            if self.vm.is_done() {
                return self.finish();
            }
            let idle = self.vm.is_idle();
            match self.ready.next() {
                Some(Key::Running(key)) => self.ask(key),
                Some(Key::Closing(key)) => self.close(key),
                None if !self.unflushed.is_empty() => self.flush_all(),
                None if idle => return Poll::Pending,
                None => {}
            }
            if !idle {
                break;
            }
        }
        self.flush_all();
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Does what the VM wants.
    fn serve(&mut self) {
        while let Some(output) = self.vm.poll() {
            match output {
                Output::Start(source, engine) => match engine.downcast::<Engine>() {
                    Ok(engine) => self.start(source, *engine),
                    Err(engine) => {
                        let _ = door::dispose(engine);
                        self.vm.end(&source, &Reason::error(NotForTokio));
                    }
                },
                Output::Stop(source) => {
                    tracing::debug!(?source, "source off");
                    if let Some(running) =
                        self.by_source.remove(&source).and_then(|key| self.running.remove(key))
                    {
                        self.turn_off(running.engine);
                    }
                }
                Output::Ask(source) => {
                    if let Some(running) = self.by_source.get(&source).and_then(|key| self.running.get(*key))
                    {
                        running.bell.ring();
                    }
                }
                Output::Feedback(source, value) => {
                    if let Some(&key) = self.by_source.get(&source)
                        && let Some(running) = self.running.get_mut(key)
                        && running.engine.give(value, &mut Context::from_waker(&running.waker))
                    {
                        self.unflushed.push(key);
                    }
                }
                Output::Exit(exit) => log::exit(&exit),
                Output::Verb(line) => log::verb(&line),
                Output::Reply(wire, answer) => log::unheard(&wire, &answer),
            }
        }
    }

    fn flush_all(&mut self) {
        for key in std::mem::take(&mut self.unflushed) {
            self.flush(key);
        }
    }

    fn start(&mut self, source: Source, engine: Engine) {
        tracing::debug!(?source, "source on");
        let ready = &self.ready;
        let key = self.running.insert_with(|key| {
            let bell = ready.bell(Key::Running(key));
            bell.ring();
            Running { source: source.clone(), engine, waker: bell.clone().into(), bell }
        });
        self.by_source.insert(source, key);
    }

    /// Lets a sink write what it was given. If it cannot any more, its source ends.
    fn flush(&mut self, key: u32) {
        let Some(running) = self.running.get_mut(key) else { return };
        let mut cx = Context::from_waker(&running.waker);
        if let Err(reason) = running.engine.poll_flush(&mut cx) {
            self.end(key, &reason);
        }
    }

    /// A source may be able to go on: it flushes and, if it may, gives an item.
    fn ask(&mut self, key: u32) {
        self.flush(key);
        let Some(running) = self.running.get_mut(key) else { return };
        if !self.vm.wants(&running.source) {
            return;
        }
        if self.vm.is_digesting(&running.source) {
            running.bell.ring();
            return;
        }
        let mut cx = Context::from_waker(&running.waker);
        match running.engine.poll_next(&mut cx) {
            Poll::Pending => {}
            Poll::Ready(Ok(item)) => {
                self.vm.item(&running.source, item);
                running.bell.ring();
            }
            Poll::Ready(Err(reason)) => self.end(key, &reason),
        }
    }

    /// A source ends by itself.
    fn end(&mut self, key: u32, reason: &Reason) {
        let Some(Running { source, engine, .. }) = self.running.remove(key) else { return };
        tracing::debug!(?source, %reason, "source ended");
        self.by_source.remove(&source);
        self.vm.end(&source, reason);
        self.turn_off(engine);
    }

    fn turn_off(&mut self, engine: Engine) {
        if !engine.has_sink() {
            return engine.dispose();
        }
        let ready = &self.ready;
        let key = self.closing.insert_with(|key| Closing {
            engine,
            grace: Box::pin(sleep(GRACE)),
            waker: ready.bell(Key::Closing(key)).into(),
        });
        self.still_closing += 1;
        self.close(key);
    }

    /// A sink flushes and closes, or runs out of time.
    fn close(&mut self, key: u32) {
        let Some(closing) = self.closing.get_mut(key) else { return };
        let mut cx = Context::from_waker(&closing.waker);
        let closed = closing.engine.poll_close(&mut cx).is_ready();
        if closed || closing.grace.as_mut().poll(&mut cx).is_ready() {
            self.still_closing -= 1;
            if let Some(closing) = self.closing.remove(key) {
                closing.engine.dispose();
            }
        }
    }

    /// The VM is done: what was written is still flushed.
    fn finish(&mut self) -> Poll<Result<(), GroundError>> {
        while let Some(key) = self.ready.next() {
            if let Key::Closing(key) = key {
                self.close(key);
            }
        }
        if self.still_closing > 0 { Poll::Pending } else { Poll::Ready(self.vm.outcome()) }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let running = self.running.drain().map(|running| running.engine);
        running.chain(self.closing.drain().map(|closing| closing.engine)).for_each(Engine::dispose);
    }
}

/// Why a source that is not made for tokio ends there.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this source is for another host than tokio")]
struct NotForTokio;
