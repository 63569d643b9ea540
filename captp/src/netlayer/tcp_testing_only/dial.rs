//! Outgoing connections, before they stand.

use std::io;
use std::time::Duration;

use marketplace::{Failure, IntoReason, Text};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long connecting may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Connects.
///
/// # Errors
/// If that fails, or takes too long.
pub(super) async fn dial(host: String, port: u16) -> Result<TcpStream, Failure> {
    let connected = timeout(WITHIN, connect(&host, port)).await;
    let connected = connected.unwrap_or_else(|_| Err(io::Error::other(format!("no answer in {WITHIN:?}"))));
    connected.map_err(|error| {
        let why = Text::from(format!("cannot connect to {host}:{port}: {error}"));
        Failure(why.into_reason())
    })
}

async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    // The kernel may choose, as our port, the one to which we connect.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}
