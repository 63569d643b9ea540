//! The prompt for whoever connects to a Unix socket.

#[cfg(unix)]
mod imp {
    use std::fs;
    use std::io::{self, BufRead, BufReader, Read, Write};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use crate::shell::Shell;
    use crate::vat::Vat;

    /// How many may be connected at once.
    const SESSIONS: usize = 8;

    /// How long a line may be, in bytes.
    const LINE: u64 = 64 * 1024;

    /// A shell of a vat on a Unix socket, which only its owner can use. Dropped, the socket is gone; those who are connected stay.
    ///
    /// Each line is a command; what it says is followed by the prompt, without a line break.
    #[derive(Debug)]
    pub struct ShellSocket {
        path: PathBuf,
    }

    impl ShellSocket {
        /// Listens at this path, where there must be nothing yet: or a socket on which nobody listens any more.
        ///
        /// # Errors
        /// If there can be no such socket, or somebody listens on it.
        pub fn listen(vat: &Vat, path: impl AsRef<Path>) -> io::Result<Self> {
            let path = path.as_ref().to_path_buf();
            if UnixStream::connect(&path).is_err()
                && fs::symlink_metadata(&path).is_ok_and(|at| at.mode() & 0o170_000 == 0o140_000)
            {
                fs::remove_file(&path)?;
            }
            // It is made where only its owner can come, and put into its place when it is the owner's alone.
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".shell-{}-{number}", std::process::id());
            let directory = directory.unwrap_or(Path::new(".")).join(name);
            fs::create_dir(&directory)?;
            let made = fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).and_then(|()| {
                let inside = directory.join("socket");
                let listener = UnixListener::bind(&inside)?;
                fs::set_permissions(&inside, fs::Permissions::from_mode(0o600))?;
                if fs::symlink_metadata(&path).is_ok() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                fs::rename(&inside, &path)?;
                Ok(listener)
            });
            let _ = fs::remove_dir_all(&directory);
            let listener = made?;
            let (vat, sessions) = (vat.clone(), Arc::<AtomicUsize>::default());
            thread::Builder::new().name("shell".into()).spawn(move || {
                for stream in listener.incoming() {
                    let Ok(stream) = stream else { return };
                    serve(&vat, stream, &sessions);
                }
            })?;
            Ok(Self { path })
        }
    }

    impl Drop for ShellSocket {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.path);
        }
    }

    fn serve(vat: &Vat, mut stream: UnixStream, sessions: &Arc<AtomicUsize>) {
        if sessions.fetch_add(1, Ordering::SeqCst) >= SESSIONS {
            sessions.fetch_sub(1, Ordering::SeqCst);
            // Whoever is told may have gone.
            let _ = stream.write_all(b"too many are connected\n");
            return;
        }
        let (vat, sessions) = (vat.clone(), sessions.clone());
        let place = sessions.clone();
        let session = thread::Builder::new().name("shell session".into()).spawn(move || {
            // The session ends when the connection does.
            let _ = converse(&vat, &stream);
            sessions.fetch_sub(1, Ordering::SeqCst);
        });
        if session.is_err() {
            place.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn converse(vat: &Vat, mut stream: &UnixStream) -> io::Result<()> {
        let mut lines = BufReader::new(stream);
        let mut shell = Shell::new(vat);
        loop {
            stream.write_all(shell.prompt().as_bytes())?;
            let mut line = Vec::new();
            let length = lines.by_ref().take(LINE).read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(());
            }
            if !line.ends_with(b"\n") && length as u64 == LINE {
                return stream.write_all(b"this line is too long\n");
            }
            match shell.execute(&String::from_utf8_lossy(&line)) {
                Ok(text) => stream.write_all(text.as_bytes())?,
                Err(error) => writeln!(stream, "{error}")?,
            }
            if !vat.is_running() {
                return stream.write_all(b"The program has ended.\n");
            }
        }
    }
}

#[cfg(unix)]
pub use imp::ShellSocket;
