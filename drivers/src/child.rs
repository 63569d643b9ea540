//! Children: other programs, started when they are wanted, heard and spoken to.
//!
//! A child is a conversation. The driver publishes its output as
//! `ChildOutput(command, stream, packet)`, and subscribes to its input,
//! `ChildInput(command, packet)`, for as long as the child runs. Sorting some lines:
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace_drivers::child::{self, ChildInput, ChildOutput, ChildPacket, ChildStream, Command};
//!
//! fn sorter() -> Transition<()> {
//!     let sort = Command::new("sort").arg("-r");
//!     transition_no_state!(
//!         publisher!(
//!             ChildInput(sort, _),
//!             on_presence!((
//!                 send_message!(ChildInput(sort.clone(), ChildPacket::from("a\nc\nb\n"))),
//!                 send_message!(ChildInput(sort, ChildPacket::Eof)),
//!             )),
//!         ),
//!         subscriber!(
//!             ChildOutput(sort, ChildStream::Stdout, _),
//!             on_message!(ChildOutput(_, _, ChildPacket::Data(bytes)) => assert_eq!(bytes, "c\nb\na\n")),
//!             match_reason!(Reason::Normal => on_absence!(at_meta_level!(quit()))),
//!             match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
//!         ),
//!     )
//! }
//!
//! # #[cfg(unix)]
//! # {
//! let boot = |_pid| transition_no_state!(child::driver(), spawn!(sorter()));
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! assert!(runtime.block_on(marketplace::ground::run(boot, std::future::pending())).is_ok());
//! # }
//! ```
//!
//! # The protocol
//!
//! | to | be or do | what happens |
//! | start a child | a participant that names its [`Command`] on the side of `ChildOutput(command, _, _)` or `ChildInput(command, _)`, or of both | one child for all such participants. An observer, or a participant that leaves the command open, starts none |
//! | start a child | a participant that names its [`Command`] on the side of `ChildOutput(command, _, _)` or `ChildInput(command, _)`, or of both | one child for all who are. An observer, or who leaves the command open, starts none |
//! | know that it runs | look at the presence of the driver's publisher, or subscriber | it is there when the program has started |
//! | hear it | a subscriber of `ChildOutput(command, stream, _)` | the stream is read while a participant is one |
//! | speak to it | a publisher of `ChildInput(command, _)` | packets are written at once, in order |
//! | know how it ended | look at the absence of the driver's publisher | it comes when all output on the subscribed streams was heard. Its reason is normal for status 0, or else a [`ChildExit`]. (When no participant names the child any more, it comes at once, and says nothing of the child's end) |
//! | end it | leave | when no participant names it any more, it is asked to end, by SIGTERM, with every process that it started. Processes that have not ended within [`ChildDriver::grace`] are killed. Input that waits to be written is dropped. A participant that wants the child to finish stays until it has |
//! | start it again | come, when it has ended | a participant that stays does not start it again; one that comes then, and names the same command, does |
//!
//! | message or feedback | from | means |
//! |---|---|---|
//! | [`ChildPacket::Data`] | either | bytes. Where packets begin and end means nothing |
//! | [`ChildPacket::Eof`] | the driver | the child has said everything on this stream |
//! | [`ChildPacket::Eof`] | a process | nothing more is sent to the child (later packets are ignored). When the last publisher leaves, the input ends, too |
//! | [`ChildWritten`], feedback | the driver | so many bytes more have gone to the kernel: for a process that has much to send |
//!
//! When a child starts, the participants that are there decide which of its streams are pipes. A
//! participant that is added in the same transition as the first one that names the child counts.
//!
//! | a stream without a participant | is |
//! |---|---|
//! | standard input | empty. A publisher that comes later sees no subscriber |
//! | standard output | dropped. A subscriber that comes later hears `Eof` |
//! | standard error stream | this program's own. A subscriber that comes later hears `Eof` |
//!
//! | failure | how it is told |
//! |---|---|
//! | there is no such program, it may not be run, there is no such directory | refusal of `ChildOutput(command, _, _)`, with a [`ChildFailure`] |
//! | the child closes its standard input, and a packet is sent to it | absence of the driver's subscriber to `ChildInput`, with reason `closed` (a symbol). The child has not failed and goes on. (A child that ends may be seen to do this first) |
//! | more waits to be written than [`ChildDriver::write_limit`] | absence, with reason `overrun` (a symbol). The child is killed: it must not take this for the end of its input |
//! | a pipe breaks in another way | absence, with the [`std::io::Error`] as its reason |
//! | other processes still hold its pipes open when the child has ended | for [`ChildDriver::grace`] they are heard; then the rest that lies in the pipes is heard, without an `Eof`, and the absence comes |
//!
//! # Pressure
//!
//! At most one packet of a child is inside the VM, and the next is read only when that one has been
//! handled: a child that says more than the program can hear waits. If the only subscriber to a
//! stream leaves while others still want the child, the child waits, too; output that lies there
//! when it ends is dropped. Nothing else holds up anything: a child that reads slowly is read as
//! before. A process that sends it much keeps the bytes that are not yet [`ChildWritten`] below
//! half of the limit.
//!
//! # What else to know
//!
//! A child that is asked to end is still read, even if no process hears it, so that it can say its
//! last words; they are dropped. When the program ends, its children are ended in the same way. A
//! program that is killed itself, or told twice to end, does not do so: its children then find
//! their pipes closed.
//!
//! On Unix a child has a process group of its own, and the signals go to the group: so the
//! processes that it starts end with it, and have as much time for that. (A process that leaves the
//! group does not.) But a Ctrl-C at the terminal does not reach the child, and it may not read from
//! the terminal. Where there are no signals, the end of its input is all that asks a child to end.
//!
//! A child inherits the environment of this program, except the variables of
//! [`LOOK_INSIDE`](marketplace::ground::LOOK_INSIDE), which are meant for this program alone. It
//! inherits the directory, and the set of ignored signals: a child that ignores SIGTERM is killed
//! after the grace period. No file of this program is the child's, except the error stream, as
//! above.

mod driver;
mod halves;
mod messages;
mod outer;
mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use marketplace::Spawn;
use marketplace::ground::GRACE;

use crate::action::stands_for_its_spawn;
pub use crate::child::messages::{
    ChildExit, ChildFailure, ChildInput, ChildOutput, ChildPacket, ChildStream, ChildWritten, Command,
};
use crate::child::outer::Options;

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: "child driver", action: "child::driver()", relay: None };

/// The child driver: an action, to be performed once in a ground VM. [The module](self) says what
/// it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::child;
///
/// let boot: Transition<()> = transition_no_state!(child::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub const fn driver() -> ChildDriver {
    let half = Duration::from_millis(GRACE.as_millis() as u64 / 2);
    ChildDriver(Options { write_limit: 1024 * 1024, grace: half })
}

/// The child driver, before it starts: an action that can still be changed.
///
/// ```
/// use std::time::Duration;
///
/// use marketplace::prelude::*;
/// use marketplace_drivers::child;
///
/// let driver = child::driver().grace(Duration::from_millis(100)).write_limit(64 * 1024);
/// let boot: Transition<()> = transition_no_state!(driver);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "an action does nothing unless it is returned"]
pub struct ChildDriver(Options);

impl ChildDriver {
    /// How many bytes for a child may wait to be written: 1 MiB unless this says otherwise.
    ///
    /// ```
    /// let for_large_inputs = marketplace_drivers::child::driver().write_limit(16 * 1024 * 1024);
    /// ```
    pub const fn write_limit(mut self, bytes: usize) -> Self {
        self.0.write_limit = bytes;
        self
    }

    /// How long a child may take to end when it is asked to, before it is killed; and how long
    /// other processes may hold its pipes open when it has ended by itself. Half of [`GRACE`]
    /// unless this says otherwise. No child that nobody wants outlives `GRACE`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let merciless = marketplace_drivers::child::driver().grace(Duration::ZERO);
    /// ```
    pub const fn grace(mut self, time: Duration) -> Self {
        self.0.grace = time;
        self
    }

    /// The action as a [`Spawn`], where a caller needs that type.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// let named: Spawn<()> = name_process("programs", marketplace_drivers::child::driver().spawn());
    /// ```
    pub fn spawn<S>(self) -> Spawn<S> {
        driver::spawn(Arc::new(self.0))
    }
}

stands_for_its_spawn!(ChildDriver);
