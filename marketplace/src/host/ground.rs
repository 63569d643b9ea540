//! The ground VM on tokio: the only place that knows a runtime.
//!
//! All waiting in a program happens here. [`ground_vm!`](crate::ground_vm) is a whole program;
//! [`run`] is for programs that have a runtime already.
//!
//! # Writing a driver
//!
//! A driver lets processes talk with something outside in topics of their own. It has two halves:
//!
//! * The **outer half** is one object with both directions, an [`OuterHalf`]: it gives items and,
//!   where processes also write, takes feedback. It may wait as much as it likes. It becomes a
//!   [`Source`](crate::Source) by [`Source::outer`](crate::Source::outer). Where a library gives a
//!   stream or a future already, no object is needed: a stream by
//!   [`Source::stream`](crate::Source::stream), a stream and a sink by
//!   [`Source::duplex`](crate::Source::duplex), a single async call by
//!   [`Source::future`](crate::Source::future).
//! * The **process half** is ordinary processes. One process watches who wants something. It starts
//!   a process for each thing wanted, which turns ground events into messages and back. It knows no
//!   runtime, so it is tested in a [`sim`](crate::sim) with scripted sources.
//!
//! An outer half that must block has a [thread], whose end is always noted.
//!
//! A source is on while a participant subscribes to `Ground(source, _)` at the meta level of the
//! ground VM (so directly from a process of the ground VM; the [event relay](crate::event_relay())
//! brings ground events further in). The table says how a source answers:
//!
//! | the process | the source |
//! |---|---|
//! | `at_meta_level!(subscriber!(Ground(source, _), ..))` | is turned on; its presence says so |
//! | `on_message!(Ground::<T>(_, item) => ..)` | one item. The next one is asked for when all is performed that it leads to |
//! | `at_meta_level!(send_feedback!(Ground(source, what)))` | its outer half is given `what` |
//! | `at_meta_level!(send_feedback!(Ground(source, Credit(n))))` | may give n more items, if made [with credit](crate::Source::credited) |
//! | `on_absence!(match_reason..)` | it has ended, by itself (normal) or with an error |
//! | deletes the endpoint, or ends | it is turned off; its outer half flushes and closes, for at most [`GRACE`] |
//!
//! This driver gives ticks to every process that subscribes to them, at the rate that the topic
//! says; nobody has to start or stop it. By feedback a subscriber says from where to count:
//!
//! ```
//! use std::task::{Context, Poll, ready};
//! use std::time::Duration;
//!
//! use marketplace::ground::{self, OuterHalf};
//! use marketplace::prelude::*;
//! use marketplace::{Ground, Source};
//!
//! #[derive(Message, Clone, Debug, PartialEq)]
//! struct Tick {
//!     every_ms: u64,
//!     count: u64,
//! }
//!
//! /// The outer half. Both directions see its fields.
//! struct Ticks {
//!     interval: tokio::time::Interval,
//!     count: u64,
//! }
//!
//! impl OuterHalf for Ticks {
//!     fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
//!         ready!(self.interval.poll_tick(cx));
//!         self.count += 1;
//!         Poll::Ready(Some(Ok(self.count.to_value())))
//!     }
//!
//!     fn give(&mut self, feedback: Value, _: &mut Context<'_>) -> Result<(), Failure> {
//!         // If there were an item now, we would say `cx.waker().wake_by_ref()`.
//!         self.count = u64::from_value(&feedback).unwrap_or(self.count);
//!         Ok(())
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
//!     name_process(Symbol::new("tick-driver"), spawn!(watch())).only("tick driver")
//! }
//!
//! fn ticker(every_ms: u64) -> Transition<()> {
//!     let interval = tokio::time::interval(Duration::from_millis(every_ms));
//!     let source = Source::outer(Ticks { interval, count: 0 });
//!     transition_no_state!(
//!         publisher!(
//!             Tick { every_ms, .. },
//!             on_message!(Tick { count, .. } => at_meta_level!(send_feedback!(Ground(source, count)))),
//!             on_last_absence!(quit()),
//!             on_vacancy!(quit()),
//!         ),
//!         at_meta_level!(subscriber!(
//!             Ground::<u64>(source, _),
//!             on_message!(Ground::<u64>(_, count) => send_message!(Tick { every_ms, count })),
//!         )),
//!     )
//! }
//!
//! // Up to 12 is enough for this program, and it skips most; nothing of it is left when it ends.
//! let boot = |_boot_pid| {
//!     transition_no_state!(
//!         driver(),
//!         subscriber!(
//!             Tick { every_ms: 1, .. },
//!             on_message!(
//!                 Tick { count: 1, .. } => send_feedback!(Tick { every_ms: 1, count: 10 }),
//!                 Tick { count: 12, .. } => at_meta_level!(quit()),
//!             ),
//!         ),
//!     )
//! };
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! assert!(runtime.block_on(ground::run(boot, std::future::pending())).is_ok());
//! ```

mod adapters;
mod busy;
mod ending;
mod engine;
mod hints;
pub(crate) mod host;
pub(crate) mod log;
mod options;
mod outer_half;
mod panics;
mod ready;
pub mod signals;
mod slow;
#[cfg(unix)]
mod socket_file;
pub mod stdio;
pub mod thread;
mod turned_on;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

pub use futures_core::Stream;
pub use futures_sink::Sink;
use tokio::runtime::{Builder, Handle};

use crate::conversation::pid::Pid;
use crate::data::numbers::Stamp;
use crate::data::reason::SharedError;
use crate::ground_vm::GroundError;
use crate::ground_vm::GroundVm;
pub(crate) use crate::host::ground::engine::Engine;
use crate::host::ground::host::Host;
pub use crate::host::ground::options::{Options, Warnings};
pub use crate::host::ground::outer_half::OuterHalf;
#[cfg(unix)]
pub use crate::host::ground::socket_file::SocketFile;
use crate::host::vat;
use crate::host::vat::here::OnThread;
use crate::process::transition::IntoTransition;

/// How long a source that was turned off may go on flushing. For as long, after the shutdown of a
/// program has begun, its processes may become more: then the program ends without them.
pub const GRACE: Duration = Duration::from_secs(5);

/// The variables of the environment that let the user of a program look inside: the program begins
/// at a prompt, has a socket for a shell, or has an inspector. They are meant for that program
/// alone, so a program that starts others removes them, as
/// [`child`](https://docs.rs/marketplace-drivers) does.
///
/// ```
/// use std::process::Command;
///
/// let mut other = Command::new("date");
/// for name in marketplace::ground::LOOK_INSIDE {
///     other.env_remove(name);
/// }
/// ```
pub const LOOK_INSIDE: [&str; 3] = ["MARKETPLACE_SHELL", "MARKETPLACE_SHELL_SOCKET", "MARKETPLACE_INSPECTOR"];

/// Runs a ground VM in the runtime of the caller (with time enabled) until it [is
/// done](GroundVm::is_done) or `shutdown` is ready. Then every process quits, the youngest first,
/// and the feedback that sources still hold is flushed. If there are not fewer processes after
/// [`GRACE`] than before, as they keep on spawning others, the program ends without them, which is
/// a warning.
///
/// A tokio runtime that is dropped waits for its blocking calls, such as lookups of names: end
/// yours by [`Runtime::shutdown_timeout`](tokio::runtime::Runtime::shutdown_timeout).
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
///
/// # Panics
/// In a runtime without timers (`enable_time`): the host measures how long things take.
pub async fn run<T>(
    boot: impl FnOnce(Pid) -> T + Send + 'static,
    shutdown: impl Future<Output = ()>,
) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    run_within(Options::default(), boot, shutdown).await
}

/// Runs a ground VM as [`run`] does, with these [`Options`], such as [`Limits`](crate::Limits).
///
/// # Errors
/// As [`run`].
pub async fn run_within<T>(
    options: impl Into<Options>,
    boot: impl FnOnce(Pid) -> T + Send + 'static,
    shutdown: impl Future<Output = ()>,
) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    let Options { limits, warnings } = options.into();
    // This vat has no handle. Messages that it sends to other vats bear its number, and its turns
    // never wait for a vat.
    let vat = vat::new_id();
    let vm = {
        let _here = OnThread::enter(vat, Stamp::ZERO);
        GroundVm::within(limits, boot)
    };
    let mut host = Host::new(vm, warnings);
    let mut shutdown = pin!(shutdown);
    let mut stopping = false;
    poll_fn(|cx| {
        let _here = OnThread::enter(vat, host.vm.time());
        if !stopping && shutdown.as_mut().poll(cx).is_ready() {
            stopping = true;
            host.shutdown();
        }
        host.poll(cx, usize::MAX)
    })
    .await
}

/// Runs a whole program, as [`ground_vm!`](crate::ground_vm) does: on a runtime of its own, ending
/// in order at the first SIGINT or SIGTERM and at once at the second (of those that were not
/// ignored when it started).
///
/// A fault is a warning on stderr, unless the program has a `tracing` subscriber: a process
/// that fails or is killed is one line. `MARKETPLACE_LOG`, or if that is not set `RUST_LOG`, says
/// what is shown: `off`, a level, or a list such as `warn,my_crate=debug`. The other run functions
/// and vats do the same for what happens while they turn a VM over.
///
/// The function returns at the latest [`GRACE`] after the last process has ended. A blocking call
/// of the runtime that is still running then, such as the lookup of a name, is not waited for: it
/// goes on alone until it, or the program, ends.
///
/// # Errors
/// As [`run`], and if there can be no runtime, or there is one already.
pub fn run_program<T>(boot: impl FnOnce(Pid) -> T + Send + 'static) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    run_program_within(Options::default(), boot)
}

/// Runs a whole program as [`run_program`] does, with these [`Options`], such as
/// [`Limits`](crate::Limits).
///
/// # Errors
/// As [`run_program`].
pub fn run_program_within<T>(
    options: impl Into<Options>,
    boot: impl FnOnce(Pid) -> T + Send + 'static,
) -> Result<(), GroundError>
where
    T: IntoTransition<State: Send + 'static>,
{
    let host = |error: std::io::Error| GroundError::Host(SharedError::new(error));
    if Handle::try_current().is_ok() {
        return Err(host(std::io::Error::other(
            "a runtime is running already: in it, call `ground::run(boot, shutdown).await`; or let `main` be no \
             `async fn`",
        )));
    }
    let options = options.into();
    log::start();
    let runtime = Builder::new_current_thread().enable_all().build().map_err(host)?;
    let outcome = runtime.block_on(async {
        let stop = signals::stop().map_err(host)?;
        if vat::is_looked_at() {
            return vat::of_program(options, boot, stop).await.map_err(host)?;
        }
        run_within(options, boot, stop).await
    });
    // A runtime that is dropped waits for its blocking calls. Their sources are off by now, so no
    // process is left to hear of them.
    runtime.shutdown_background();
    outcome
}
