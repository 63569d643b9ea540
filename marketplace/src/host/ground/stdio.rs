//! The standard streams, for threads that may wait.
//!
//! A stream can be *non-blocking*: the operating system then says
//! [`WouldBlock`](io::ErrorKind::WouldBlock) where it would make a caller wait. This program does
//! not choose that for its standard streams. The setting belongs to the terminal or pipe, which
//! other programs share, and any of them may change it at any time. With the streams of
//! [`std::io`], what is printed is then cut off, `println!` panics, and an input looks broken. The
//! streams here wait, and go on.
//!
//! ```
//! use std::io::Write;
//! use marketplace::ground::stdio;
//!
//! writeln!(stdio::stdout(), "all of this is printed")?;
//! # Ok::<_, std::io::Error>(())
//! ```

use std::fmt;
use std::io::{self, ErrorKind, Read, Stderr, Stdin, Stdout, Write};
use std::thread;
use std::time::Duration;

/// How long to wait before the next try, for a stream that is not ready and cannot say when it will
/// be.
const LATER: Duration = Duration::from_millis(10);

/// The standard input. Its reads wait.
#[must_use]
pub fn stdin() -> Patient<Stdin> {
    Patient { stream: io::stdin(), ready: imp::readable }
}

/// The standard output. Its writes wait.
#[must_use]
pub fn stdout() -> Patient<Stdout> {
    Patient { stream: io::stdout(), ready: imp::writable }
}

/// The standard error stream. Its writes wait.
#[must_use]
pub fn stderr() -> Patient<Stderr> {
    Patient { stream: io::stderr(), ready: imp::writable }
}

/// Writes a line on the standard error stream, for the person who runs this program. A failure is
/// ignored: nobody reads the stream then.
pub(crate) fn to_stderr(line: impl fmt::Display) {
    // The line is written in one piece: other threads' lines come before it or after it.
    let _ = stderr().write_all(format!("{line}\n").as_bytes());
}

/// A stream that waits: a read or write ends when it has done something or has failed, and not
/// before.
///
/// It is for a thread that may wait, and not for a handler or an async task.
#[derive(Debug)]
pub struct Patient<T> {
    stream: T,
    /// Waits until another try makes sense.
    ready: fn(&T) -> io::Result<()>,
}

impl<T> Patient<T> {
    /// Any stream. Nothing is known of when it is ready: it is tried again after 10 ms.
    ///
    /// ```
    /// use std::io::{self, Read};
    /// use marketplace::ground::stdio::Patient;
    ///
    /// /// Has something at every second try.
    /// struct Slow(bool);
    /// impl Read for Slow {
    ///     fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
    ///         self.0 = !self.0;
    ///         if self.0 { Err(io::ErrorKind::WouldBlock.into()) } else { (&b"abc"[..]).read(buffer) }
    ///     }
    /// }
    /// let mut bytes = [0; 6];
    /// Patient::new(Slow(false)).read_exact(&mut bytes)?;
    /// assert_eq!(&bytes, b"abcabc");
    /// # Ok::<_, io::Error>(())
    /// ```
    pub const fn new(stream: T) -> Self {
        Self { stream, ready: later }
    }

    /// Does something with it as soon as that can be done.
    fn patiently<R>(&mut self, mut what: impl FnMut(&mut T) -> io::Result<R>) -> io::Result<R> {
        let mut again = false;
        loop {
            match what(&mut self.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // The stream was said to be ready, and was not: a terminal with room for one
                    // byte, say.
                    if std::mem::replace(&mut again, true) {
                        thread::sleep(LATER);
                    }
                    (self.ready)(&self.stream)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl<T: Read> Read for Patient<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|stream| stream.read(buffer))
    }
}

impl<T: Write> Write for Patient<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.patiently(Write::flush)
    }
}

fn later<T>(_: &T) -> io::Result<()> {
    thread::sleep(LATER);
    Ok(())
}

#[cfg(unix)]
mod imp {
    use std::io;
    use std::os::fd::AsFd;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    pub(super) fn readable<T: AsFd>(stream: &T) -> io::Result<()> {
        wait(stream, PollFlags::IN)
    }

    pub(super) fn writable<T: AsFd>(stream: &T) -> io::Result<()> {
        wait(stream, PollFlags::OUT)
    }

    /// Waits until the stream is ready, or broken: the next read or write then returns the error.
    fn wait(stream: &impl AsFd, what: PollFlags) -> io::Result<()> {
        match poll(&mut [PollFd::new(stream, what)], None) {
            Err(error) if error != Errno::INTR => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Elsewhere the system does not say when a stream is ready.
#[cfg(not(unix))]
mod imp {
    pub(super) use super::later as readable;
    pub(super) use super::later as writable;
}
