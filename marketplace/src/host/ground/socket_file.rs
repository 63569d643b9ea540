//! A Unix socket in the file system, which one program has at a time.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{self, Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

/// How many peers may wait to be accepted.
const BACKLOG: i32 = 1024;

/// How often the lock is taken anew, if others let go of it meanwhile.
const TRIES: usize = 100;

/// The file of a Unix socket. Nobody else who binds in this way has the path meanwhile: a lock
/// beside it, `.NAME.lock`, says so. When it is dropped, both files are removed; if another file
/// lies at the path by then, that one stays.
///
/// ```
/// use marketplace::ground::SocketFile;
///
/// let path = std::env::temp_dir().join(format!("socket-file-{}", std::process::id()));
/// let (file, listener) = SocketFile::bind(&path, None)?;
/// assert!(SocketFile::bind(&path, None).is_err(), "somebody listens there");
/// // In this order: an open socket lets no other file have its number.
/// drop(file);
/// drop(listener);
/// assert!(!path.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SocketFile {
    /// The absolute path, so a change of the working directory does not matter.
    path: PathBuf,
    made: Identity,
    /// Dropped last.
    _lock: Lock,
}

/// The identity of a file, wherever it lies: device and inode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Identity(u64, u64);

impl Identity {
    fn at(path: &Path) -> io::Result<Self> {
        fs::symlink_metadata(path).map(|there| Self::of(&there))
    }

    fn of(file: &fs::Metadata) -> Self {
        Self(file.dev(), file.ino())
    }
}

impl SocketFile {
    /// Listens at this path, without waiting for anybody. There must be no file at the path yet, or
    /// a socket on which nobody listens any more: one that refuses connections. Nobody can connect
    /// before the socket has these permissions; without, it has those of the program's `umask`. The
    /// listener does not block.
    ///
    /// # Errors
    /// If somebody listens there, or may do so, because the socket does not let us connect; if what
    /// lies there is no socket; if there can be no socket or no lock (the path is too long, say, or
    /// the file system has no locks).
    pub fn bind(path: impl AsRef<Path>, mode: Option<u32>) -> io::Result<(Self, UnixListener)> {
        let (address, path) = (SockAddr::unix(&path)?, path::absolute(path)?);
        let lock = Lock::take(&path)?;
        make_room(&path, &address)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&address)?;
        // From here on, a failure removes the socket again.
        let file = Self { made: Identity::at(&path)?, path, _lock: lock };
        if let Some(mode) = mode {
            fs::set_permissions(&file.path, Permissions::from_mode(mode))?;
        }
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok((file, OwnedFd::from(socket).into()))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        remove(&self.path, self.made);
    }
}

/// Removes a file, unless another one lies there.
fn remove(path: &Path, file: Identity) {
    if Identity::at(path).is_ok_and(|there| there == file) {
        let _ = fs::remove_file(path);
    }
}

/// Removes a socket on which nobody listens any more. Anything else that lies there is an error.
fn make_room(path: &Path, address: &SockAddr) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.file_type().is_socket() => {}
        Ok(_) => return Err(io::Error::new(ErrorKind::AlreadyExists, "what lies there is no socket")),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A listener that is busy must not make us wait.
    socket.set_nonblocking(true)?;
    match socket.connect(address) {
        Ok(()) => Err(in_use()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(io::Error::new(error.kind(), format!("somebody may listen there: {error}"))),
    }
}

fn in_use() -> io::Error {
    io::Error::new(ErrorKind::AddrInUse, "somebody listens there")
}

/// The right to a path. The operating system takes it back from a program that is killed.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    fn take(of: &Path) -> io::Result<Self> {
        let name = of.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "it has no name"))?;
        let path = of.with_file_name([".".as_ref(), name, ".lock".as_ref()].join("".as_ref()));
        for _ in 0..TRIES {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                // A pipe that lies there would make us wait for its reader.
                .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
                .open(&path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Err(in_use()),
                Err(error) => return Err(error.into()),
            }
            // The program that had it may have removed it meanwhile: then it keeps nobody out.
            let is_there = Identity::at(&path)
                .is_ok_and(|there| file.metadata().is_ok_and(|ours| there == Identity::of(&ours)));
            if is_there {
                return Ok(Self { path, file });
            }
        }
        Err(in_use())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Ok(ours) = self.file.metadata() {
            remove(&self.path, Identity::of(&ours));
        }
    }
}

#[cfg(test)]
mod tests;
