//! Attaches to the shell of a running program.
//!
//!     MARKETPLACE_SHELL_SOCKET=/tmp/chat.shell cargo run --features shell --example chat
//!     cargo run --example attach /tmp/chat.shell

use std::error::Error;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    use std::io::{copy, stdin, stdout};
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;
    use std::thread;

    let path = std::env::args().nth(1).ok_or("which socket? (the value of MARKETPLACE_SHELL_SOCKET)")?;
    let (mut heard, mut said) = {
        let stream = UnixStream::connect(path)?;
        (stream.try_clone()?, stream)
    };
    // When there is nothing more to say, what is still to be heard is heard.
    thread::spawn(move || copy(&mut stdin(), &mut said).and_then(|_| said.shutdown(Shutdown::Write)));
    copy(&mut heard, &mut stdout())?;
    Ok(())
}

#[cfg(not(unix))]
fn main() -> Result<(), Box<dyn Error>> {
    Err("there are no Unix sockets here".into())
}
