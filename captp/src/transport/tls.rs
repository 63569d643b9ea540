//! TLS 1.3 in which each side shows a raw ed25519 public key (RFC 7250), and is known by it.

pub(crate) mod handshake;
mod key;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

pub use self::key::{Key, KeyError, key_file};
use self::words::InWords;

/// One side of connections on which a protocol is spoken.
///
/// ```
/// use marketplace_captp::transport::tcp::{Listener, connect};
/// use marketplace_captp::transport::tls::{Key, Side};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let (ann, bob) = (Key::fresh().unwrap(), Key::fresh().unwrap());
/// let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
/// let near = connect(listener.local()).await.unwrap();
/// let (far, _) = std::future::poll_fn(|cx| listener.poll_accept(cx)).await;
/// let dialler = Side::new(ann.clone(), "example/1");
/// let accepter = Side::new(bob.clone(), "example/1");
/// let key_of_bob = bob.designator();
/// let (dialled, accepted) = tokio::join!(dialler.dial(near, &key_of_bob), accepter.accept(far));
/// assert!(dialled.is_ok());
/// assert_eq!(accepted.unwrap().1, ann.designator());
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Side {
    key: Key,
    protocol: &'static str,
}

impl Side {
    /// The side that has this key, and speaks this protocol.
    #[must_use]
    pub const fn new(key: Key, protocol: &'static str) -> Self {
        Self { key, protocol }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Shakes hands on a connection that it has dialled, with whoever has the key of this
    /// designator.
    ///
    /// # Errors
    /// If somebody else is there, or that fails: why, in words.
    pub async fn dial(&self, stream: TcpStream, designator: &str) -> Result<Stream, String> {
        let config = handshake::dialling(&self.key, designator, self.protocol)?;
        handshake::dial(config, stream).await.map(Stream)
    }

    /// Shakes hands on a connection that came; gives the designator of the other side, too.
    ///
    /// # Errors
    /// If that fails: why, in words.
    pub async fn accept(&self, stream: TcpStream) -> Result<(Stream, String), String> {
        let config = Arc::new(handshake::accepting(&self.key, self.protocol));
        let (stream, designator) = handshake::accept(config, stream).await?;
        Ok((Stream(stream), designator))
    }
}

/// Says whether a text is the designator of a key.
///
/// # Errors
/// If it is not: why, in words.
///
/// ```
/// use marketplace_captp::transport::tls::{Key, check_designator};
///
/// assert!(check_designator(&Key::of_seed(&[7; 32]).designator()).is_ok());
/// assert!(check_designator("bob").unwrap_err().contains("52 small letters and digits"));
/// ```
pub fn check_designator(text: &str) -> Result<(), String> {
    key::key_of(text).map(|_| ())
}

/// A connection after the handshake. Its errors are in words for people.
pub struct Stream(InWords<TlsStream<TcpStream>>);

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
