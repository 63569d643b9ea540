//! The console: lines in, text out.
//!
//! ```no_run
//! use marketplace::prelude::*;
//! use marketplace_drivers::console::{self, ConsoleInput, ConsoleOutput};
//!
//! /// Shouts each line back; ends with the input.
//! fn main() -> Result<(), GroundError> {
//!     ground_vm!(
//!         console::driver(),
//!         subscriber!(
//!             ConsoleInput(_),
//!             on_message!(ConsoleInput(line) => send_message(&ConsoleOutput::line(&line.to_uppercase()))),
//!             on_absence!(quit()),
//!         ),
//!     )
//! }
//! ```
//!
//! # The protocol
//!
//! | to | be or do | what happens |
//! |---|---|---|
//! | read | a participant that subscribes to [`ConsoleInput`] | while there is such a participant, lines are read, each when the work on the one before is done. All of them hear each line |
//! | know the end of the input | look at the absence of its publisher | the last line is one, terminated or not; then the driver's publisher goes |
//! | write | send a [`ConsoleOutput`] | it is written as it is, and flushed, to either stream, in the order in which the messages were sent |
//! | know whether output is written | look at the presence of a subscriber of [`ConsoleOutput`] | the driver is one for either stream. A message that is sent before is heard by nobody |
//!
//! While nobody reads, no line is read. If the process that asked for a line has gone before it was
//! heard, the next reader gets the line. Bytes that are no UTF-8 are read as U+FFFD.
//!
//! | failure | how it is told |
//! |---|---|
//! | somebody wants lines when the input has ended | refusal of [`ConsoleInput`], with the symbol `eof` |
//! | the input cannot be read | absence of its publisher, with a [`ConsoleFailure`] |
//! | a line is longer than [`ConsoleDriver::line_limit`] | the same absence, of kind `LineTooLong`: nothing more is read |
//! | a stream cannot be written to: its reader has gone, say | absence of its subscriber, with a [`ConsoleFailure`]. Later messages for it are lost. The other stream goes on |
//! | a device panics | absence of the input's publisher, or of both streams' subscribers, of kind `ThreadEnded`; and a warning in the logs |
//! | more waits to be written than [`ConsoleDriver::write_limit`] | absence of the stream's subscriber, of kind `Overrun` |
//!
//! Reading and writing happen in threads of their own, so that neither holds up the program. When
//! the program ends, output that was sent is written first, for at most
//! [`GRACE`](marketplace::ground::GRACE). An input that nobody wants keeps no program from ending.
//!
//! Other programs may make a terminal or pipe that they share non-blocking. The driver waits for
//! such a stream as for any other.
//!
//! There is one console: perform [`driver`] once. `println!` writes past it, at once.

mod driver;
mod halves;
mod input;
mod messages;
mod output;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};
use std::sync::Arc;

use marketplace::ground::stdio::{self, Patient};
use marketplace::{Source, Spawn};

use crate::action::stands_for_its_spawn;
use crate::console::halves::Devices;
use crate::console::input::{Input, Reading};
pub use crate::console::messages::{ConsoleFailure, ConsoleInput, ConsoleOutput, ConsoleStream};
use crate::console::output::{Output, Writer};

/// The driver that answers the messages of this module.
const DRIVER: marketplace::Driver =
    marketplace::Driver { kind: "console driver", action: "console::driver()", relay: None };

/// The console driver: an action, to be performed once in a ground VM. [The module](self) says what
/// it does.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_drivers::console;
///
/// let boot: Transition<()> = transition_no_state!(console::driver());
/// assert_eq!(boot.actions.len(), 1);
/// ```
#[must_use = "an action does nothing unless it is returned"]
pub const fn driver() -> ConsoleDriver {
    ConsoleDriver { line_limit: 64 * 1024, write_limit: 1024 * 1024 }
}

/// The console driver, before it starts: an action that can still be changed.
///
/// ```
/// let boot: marketplace::Transition<()> =
///     marketplace::transition_no_state!(marketplace_drivers::console::driver().line_limit(1024));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "an action does nothing unless it is returned"]
pub struct ConsoleDriver {
    line_limit: usize,
    write_limit: usize,
}

impl ConsoleDriver {
    /// How many bytes a line may have, without its terminator: 64 KiB unless this says otherwise.
    pub const fn line_limit(mut self, bytes: usize) -> Self {
        self.line_limit = bytes;
        self
    }

    /// How many bytes may wait to be written: 1 MiB unless this says otherwise. (One text that is
    /// longer may wait alone.)
    pub const fn write_limit(mut self, bytes: usize) -> Self {
        self.write_limit = bytes;
        self
    }

    /// The action as a [`Spawn`], where a caller needs that type.
    pub fn spawn<S>(self) -> Spawn<S> {
        self.on(stdio::stdin(), stdio::stdout(), stdio::stderr())
    }

    /// The driver with other devices: for tests of programs that talk to a console. A device that
    /// says [`WouldBlock`](std::io::ErrorKind::WouldBlock) is asked again after 10 ms.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace_drivers::console;
    ///
    /// let scripted: Spawn<()> = console::driver().over("one\ntwo\n".as_bytes(), std::io::sink(), std::io::sink());
    /// ```
    pub fn over<S>(
        self,
        input: impl Read + Send + 'static,
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
    ) -> Spawn<S> {
        self.on(Patient::new(input), Patient::new(out), Patient::new(err))
    }

    fn on<S>(
        self,
        input: Patient<impl Read + Send + 'static>,
        out: Patient<impl Write + Send + 'static>,
        err: Patient<impl Write + Send + 'static>,
    ) -> Spawn<S> {
        let input = Input::new(Box::new(input));
        let output = Output::new([Box::new(out), Box::new(err)], self.write_limit);
        driver::spawn(Arc::new(Threads { input, output, line_limit: self.line_limit }))
    }
}

struct Threads {
    input: Arc<Input>,
    output: Arc<Output>,
    line_limit: usize,
}

impl Devices for Threads {
    fn input(&self) -> Source {
        Source::stream(Reading { input: self.input.clone(), limit: self.line_limit })
    }

    fn output(&self) -> Source {
        Source::outer(Writer(self.output.clone()))
    }
}

stands_for_its_spawn!(ConsoleDriver);
