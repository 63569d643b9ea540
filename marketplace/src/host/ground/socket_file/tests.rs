//! Starts at one path, one after another and at once.

use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;

/// A folder of one test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("socket-file-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn kind(bound: io::Result<(SocketFile, UnixListener)>) -> ErrorKind {
    bound.expect_err("it is refused").kind()
}

#[test]
fn nothing_is_left_of_it() {
    let folder = Folder::new();
    let path = folder.0.join("bank");
    let (file, listener) = SocketFile::bind(&path, Some(0o600)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(folder.names().len(), 2, "the socket and its lock");
    drop((file, listener));
    assert_eq!(folder.names(), [""; 0].map(PathBuf::from));
}

/// Nobody is waited for.
#[test]
fn a_pipe_in_the_place_of_the_lock_is_refused() {
    let folder = Folder::new();
    let pipe = folder.0.join(".bank.lock");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(SocketFile::bind(folder.0.join("bank"), None).is_err());
    assert_eq!(folder.names(), [pipe]);
}

/// The test whether somebody listens, and what follows, are one step for all who bind in this way:
/// so the time between `bind` and `listen`, when a socket refuses connections, does no harm either.
#[test]
fn the_path_of_a_program_that_runs_is_not_taken_whatever_the_socket_looks_like() {
    let folder = Folder::new();
    let path = folder.0.join("bank");
    let (file, listener) = SocketFile::bind(&path, None).unwrap();
    fs::remove_file(&path).unwrap();
    drop(UnixListener::bind(&path).unwrap());
    let refused = UnixStream::connect(&path).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "as if nobody listened any more");
    assert_eq!(kind(SocketFile::bind(&path, None)), ErrorKind::AddrInUse);
    assert!(path.exists());
    drop((file, listener));
    assert!(path.exists(), "it is not ours");
    drop(SocketFile::bind(&path, None).unwrap());
    assert_eq!(folder.names(), [""; 0].map(PathBuf::from));
}

#[test]
fn a_lock_that_was_left_behind_keeps_nobody_out() {
    let folder = Folder::new();
    let path = folder.0.join("bank");
    fs::write(folder.0.join(".bank.lock"), "").unwrap();
    drop(UnixListener::bind(&path).unwrap());
    let (_file, _listener) = SocketFile::bind(&path, None).unwrap();
    UnixStream::connect(&path).unwrap();
}

#[test]
fn of_many_starts_at_a_socket_that_was_left_one_has_it() {
    const STARTS: usize = 8;
    let folder = Folder::new();
    let path = folder.0.join("bank");
    for _ in 0..50 {
        drop(UnixListener::bind(&path).unwrap());
        let (begin, end) = (Barrier::new(STARTS), Barrier::new(STARTS));
        let bound = thread::scope(|scope| {
            let start = || {
                begin.wait();
                let bound = SocketFile::bind(&path, None);
                // Nobody lets go of it before all have tried.
                end.wait();
                bound.is_ok().then(|| UnixStream::connect(&path).is_ok())
            };
            let starts = [(); STARTS].map(|()| scope.spawn(start));
            starts.map(|start| start.join().unwrap())
        });
        let reached: Vec<_> = bound.into_iter().flatten().collect();
        assert_eq!(reached, [true], "one listens, and is reached");
    }
}
