//! TCP connections on which messages leave at once, and a machine that has vanished is noticed.

mod listener;
mod settings;

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

pub use self::listener::Listener;

/// Connects.
///
/// # Errors
/// If nobody takes the connection there.
///
/// ```
/// use marketplace_captp::transport::tcp::{Listener, connect};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
/// let near = connect(listener.local()).await.unwrap();
/// let (_far, peer) = std::future::poll_fn(|cx| listener.poll_accept(cx)).await;
/// assert_eq!(near.local_addr().unwrap(), peer);
/// # });
/// ```
pub async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // The kernel may choose, as our port, the one to which we connect.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    settings::set(&stream);
    Ok(stream)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn k8_a_machine_that_vanishes_is_noticed_by_both_sides() {
        let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let dialled = connect(listener.local()).await.unwrap();
        let (accepted, _) = std::future::poll_fn(|cx| listener.poll_accept(cx)).await;
        assert!(settings::are_set(&dialled));
        assert!(settings::are_set(&accepted));
    }
}
