//! The netlayer `unix`: sockets in a directory of this machine.
//!
//! The permissions of the directory and of the sockets say who may connect: a socket is
//! made with those of the program's `umask`. The kernel tells each side the user as whom the other
//! one runs, so a designator begins with the number of that user, and nobody can take one of
//! another user. Within one user nothing is proved: two programs of a user under one name are taken
//! for one peer.

mod listener;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use marketplace::{Failure, Reason, Source};
use tokio::net::UnixStream;

use crate::netlayer::{Known, Netlayer, Proof, Reach, seed, stream};
use crate::wire::{Location, base32};

/// The name of the transport.
const TRANSPORT: &str = "unix";

/// A netlayer of sockets in a directory. [`named`] and [`netlayer`] make one.
#[derive(Clone, Debug)]
pub struct Unix {
    folder: PathBuf,
    name: String,
    designator: String,
}

/// A netlayer in this directory, under a name that nobody else has.
///
/// # Errors
/// If the operating system has no random numbers.
pub fn netlayer(folder: impl Into<PathBuf>) -> io::Result<Unix> {
    let seed = seed::fresh().map_err(|why| io::Error::other(why.0.to_string()))?;
    Ok(named(folder, base32::encode(&seed.0[..16])))
}

/// A netlayer in this directory, under this name: so is its socket called, and its address outlives
/// the program.
///
/// ```
/// use marketplace_captp::netlayer::{Netlayer, unix};
///
/// let bank = unix::named("/run/vats", "bank");
/// assert!(bank.designator().ends_with("-bank"));
/// ```
#[must_use]
pub fn named(folder: impl Into<PathBuf>, name: impl Into<String>) -> Unix {
    let (folder, name) = (folder.into(), name.into());
    let designator = format!("{}{name}", beginning(rustix::process::geteuid().as_raw()));
    Unix { folder, name, designator }
}

/// With this the designators of a user begin.
fn beginning(user: u32) -> String {
    format!("{user}-")
}

/// The things that are known of the other side of a connection: the kernel has noted its user when
/// it connected or listened.
fn known(stream: &UnixStream) -> io::Result<Known> {
    let user = stream.peer_cred()?.uid();
    Ok(Known { proof: Proof::Beginning(beginning(user)), reach: Reach::Machine })
}

impl Netlayer for Unix {
    fn transport(&self) -> &str {
        TRANSPORT
    }

    fn designator(&self) -> &str {
        &self.designator
    }

    fn listen(&self) -> Source {
        listener::source(self.folder.join(&self.name), is_name(&self.name))
    }

    /// Others lead us to sockets in our own directory only.
    fn dial(&self, location: &Location, reach: Option<Reach>) -> Result<Source, String> {
        if location.transport != TRANSPORT {
            return Err(format!("there is no way from `{TRANSPORT}` to `{}`", location.transport));
        }
        let path = location.hint("path").map(PathBuf::from);
        let path = path.ok_or("the address does not say at which path it is")?;
        let is_ours = path.parent() == Some(&self.folder)
            && path.file_name().and_then(|name| name.to_str()).is_some_and(is_name);
        if reach.is_some() && !is_ours {
            return Err(format!(
                "{} is not in {}, and was given by a peer",
                path.display(),
                self.folder.display()
            ));
        }
        let designator = location.designator.clone();
        Ok(stream::connecting(async move { dial(&path, &designator).await.map_err(as_failure) }))
    }
}

async fn dial(path: &Path, designator: &str) -> Result<(UnixStream, Known), String> {
    let failed = |error: io::Error| format!("cannot connect to {}: {error}", path.display());
    let stream = UnixStream::connect(path).await.map_err(failed)?;
    let known = known(&stream).map_err(failed)?;
    // Nothing is said to somebody else.
    match &known.proof {
        Proof::Beginning(beginning) if !designator.starts_with(beginning) => {
            let user = beginning.trim_end_matches('-');
            Err(format!("at {} listens another user than the one of the address: {user}", path.display()))
        }
        _ => Ok((stream, known)),
    }
}

/// Whether a socket can be called so.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0'])
}

fn as_failure(why: String) -> Failure {
    Failure(Reason::from(why))
}
