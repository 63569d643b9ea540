//! A client that has connected to a shell's socket.

use std::io::{self, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::host::shell::Shell;
use crate::host::shell::lines::{self, Line};
use crate::host::vat::Vat;

/// A stream whose other end is closed when the socket's owner lets go of it.
pub(super) type Leash = Arc<UnixStream>;

/// Waits until something is `ready` at a descriptor, or this long. Says whether the leash is still
/// held.
pub(super) fn wait(
    at: &impl AsFd,
    ready: PollFlags,
    leash: &Leash,
    limit: Option<Duration>,
) -> io::Result<bool> {
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    loop {
        let mut both = [PollFd::new(at, ready), PollFd::new(&**leash, PollFlags::IN)];
        match poll(&mut both, limit.as_ref()) {
            Ok(_) => return Ok(both[1].revents().is_empty()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A connection. It waits, while the leash is held.
#[derive(Clone)]
pub(super) struct Connection {
    stream: Arc<UnixStream>,
    leash: Leash,
}

impl Connection {
    pub(super) fn new(stream: UnixStream, leash: Leash) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self { stream: Arc::new(stream), leash })
    }

    /// Whether the client may still read. A client that sends no more may still do so.
    fn is_heard(&self) -> bool {
        let mut both =
            [PollFd::new(&*self.stream, PollFlags::empty()), PollFd::new(&*self.leash, PollFlags::IN)];
        // If this cannot be asked, the next write finds out.
        poll(&mut both, Some(&Timespec::default())).is_err()
            || both.iter().all(|one| one.revents().is_empty())
    }

    fn when<T>(&self, ready: PollFlags, mut go: impl FnMut(&UnixStream) -> io::Result<T>) -> io::Result<T> {
        loop {
            match go(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !wait(&*self.stream, ready, &self.leash, None)? {
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    }
                }
                done => return done,
            }
        }
    }

    /// Carries out lines until there are no more, or until the client does not read any more.
    pub(super) fn converse(mut self, vat: &Vat) -> io::Result<()> {
        let mut lines = BufReader::new(self.clone());
        let mut shell = Shell::new(vat);
        loop {
            self.write_all(shell.prompt().as_bytes())?;
            let Some(line) = lines::next(&mut lines)? else { return Ok(()) };
            let said = match line {
                Line::Text(line) => shell.execute_while(&line, || self.is_heard()),
                Line::Wrong(why) => Ok(format!("{why}\n")),
            };
            match said {
                Ok(text) => self.write_all(text.as_bytes())?,
                Err(error) => writeln!(self, "{error}")?,
            }
            if shell.is_over() {
                return self.write_all(b"The program has ended.\n");
            }
        }
    }
}

impl Read for Connection {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.when(PollFlags::IN, |mut stream| stream.read(into))
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.when(PollFlags::OUT, |mut stream| stream.write(bytes))
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
