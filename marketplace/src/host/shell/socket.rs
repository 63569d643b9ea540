//! The prompt for clients of a Unix socket.

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::PollFlags;

use crate::data::reason::Failure;
use crate::host::ground::{SocketFile, thread};
use crate::host::shell::session::{Connection, Leash, wait};
use crate::host::vat::Vat;

/// How many clients may be connected at once.
const SESSIONS: usize = 8;

/// When a client cannot be connected, the next try comes after this long.
const PAUSE: Duration = Duration::from_millis(100);

/// A shell of a vat on a Unix socket, which only its owner can use. When it is dropped, the socket
/// is removed and its clients are disconnected. If another file lies at its path by then, that file
/// stays.
///
/// Each line is a command; its output is followed by the prompt, without a line break.
#[derive(Debug)]
pub struct ShellSocket {
    file: Option<SocketFile>,
    /// Dropped, it ends the threads.
    leash: Option<UnixStream>,
    accepting: Option<JoinHandle<()>>,
}

impl ShellSocket {
    /// Listens at this path. There must be no file at the path yet, or a socket on which nobody
    /// listens any more: one that refuses connections.
    ///
    /// # Errors
    /// If there can be no such socket (its path is too long: on Linux, longer than 107 bytes, say);
    /// if somebody listens there, or may do so, because the socket does not let us connect; if
    /// there is no thread for it.
    pub fn listen(vat: &Vat, path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        Self::open(vat, path)
            .map_err(|error| io::Error::new(error.kind(), format!("no shell at {}: {error}", path.display())))
    }

    fn open(vat: &Vat, path: &Path) -> io::Result<Self> {
        let (leash, end) = UnixStream::pair()?;
        // Only its owner may connect.
        let (file, listener) = SocketFile::bind(path, Some(0o600))?;
        let accepting =
            Accepting { vat: vat.clone(), listener, leash: Arc::new(end), sessions: Arc::default() };
        let accepting = thread::start("shell", move || accepting.run(), |_| ())?;
        Ok(Self { file: Some(file), leash: Some(leash), accepting: Some(accepting) })
    }
}

impl Drop for ShellSocket {
    fn drop(&mut self) {
        // Before the thread closes the socket.
        self.file = None;
        self.leash = None;
        if let Some(accepting) = self.accepting.take() {
            // If the thread has failed, that was logged.
            let _ = accepting.join();
        }
    }
}

/// The thread that accepts clients.
struct Accepting {
    vat: Vat,
    listener: UnixListener,
    leash: Leash,
    sessions: Arc<AtomicUsize>,
}

impl Accepting {
    fn run(self) -> Result<(), Failure> {
        let mut fails = false;
        while wait(&self.listener, PollFlags::IN, &self.leash, None)? {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    fails = false;
                    // A client that cannot be served has gone, or is told.
                    let _ = self.serve(stream);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // There may be too many open files, say: later there may be fewer.
                Err(error) => {
                    if !std::mem::replace(&mut fails, true) {
                        tracing::warn!(%error, "the shell's socket cannot accept a connection yet");
                    }
                    wait(&self.listener, PollFlags::empty(), &self.leash, Some(PAUSE))?;
                }
            }
        }
        Ok(())
    }

    fn serve(&self, stream: UnixStream) -> io::Result<()> {
        let mut connection = Connection::new(stream, self.leash.clone())?;
        let Some(place) = Seat::take(&self.sessions) else {
            return connection.write_all(b"too many are connected\n");
        };
        let (session, vat) = (connection.clone(), self.vat.clone());
        let converse = move || {
            let _place = place;
            // The session ends when the connection does.
            let _ = session.converse(&vat);
            Ok(())
        };
        if let Err(error) = thread::start("shell session", converse, |_| ()) {
            writeln!(connection, "{error}")?;
        }
        Ok(())
    }
}

/// A place for one connected client.
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(sessions: &Arc<AtomicUsize>) -> Option<Self> {
        let taken = Self(sessions.clone());
        (sessions.fetch_add(1, Ordering::SeqCst) < SESSIONS).then_some(taken)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
