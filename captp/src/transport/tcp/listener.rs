//! A listener.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

use crate::transport::tcp::settings;

/// How long accepting pauses after an error, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener. It is made outside of a runtime or in one, and accepts in one.
pub struct Listener {
    /// The socket, until a runtime could register it.
    bound: Option<std::net::TcpListener>,
    listener: Option<TcpListener>,
    local: SocketAddr,
    paused: Option<Pin<Box<Sleep>>>,
}

impl Listener {
    /// Listens at this address; at port 0, at one that is free. (Where the system lets it,
    /// connections of an earlier listener that linger do not hold up this one.)
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let bound = std::net::TcpListener::bind(address)?;
        bound.set_nonblocking(true)?;
        let local = bound.local_addr()?;
        Ok(Self { bound: Some(bound), listener: None, local, paused: None })
    }

    /// The address at which it listens.
    #[must_use]
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// The next connection, and from where it comes. An error of the system is logged, and
    /// accepting pauses for 100 ms.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(TcpStream, SocketAddr)> {
        loop {
            if let Some(paused) = &mut self.paused {
                ready!(paused.as_mut().poll(cx));
                self.paused = None;
            }
            if let Err(error) = self.register() {
                self.pause(&error);
                continue;
            }
            let Some(listener) = &self.listener else { return Poll::Pending };
            match ready!(listener.poll_accept(cx)) {
                Ok((stream, peer)) => {
                    settings::set(&stream);
                    return Poll::Ready((stream, peer));
                }
                // The peer was gone before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => self.pause(&error),
            }
        }
    }

    /// Gives the socket to the runtime, if it has it not yet. A socket that cannot be registered is
    /// lost, so another handle of it stays here until that was possible.
    fn register(&mut self) -> io::Result<()> {
        if let Some(bound) = &self.bound {
            self.listener = Some(TcpListener::from_std(bound.try_clone()?)?);
            self.bound = None;
        }
        Ok(())
    }

    fn pause(&mut self, error: &io::Error) {
        tracing::warn!(%error, pause = ?PAUSE, "accepting pauses");
        self.paused = Some(Box::pin(sleep(PAUSE)));
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::OpenOptions;
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    #[tokio::test]
    async fn k8_a_listener_that_could_not_be_registered_accepts_after_the_pause() {
        let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        // 04000 is O_NONBLOCK. Linux registers no such file.
        let null = OpenOptions::new().read(true).custom_flags(0o4000).open("/dev/null").unwrap();
        let refused = std::net::TcpListener::from(OwnedFd::from(null));
        let bound = listener.bound.replace(refused).unwrap();
        std::future::poll_fn(|cx| {
            assert!(listener.poll_accept(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        assert!(listener.listener.is_none() && listener.paused.is_some());
        // It is still there for the next attempt, which goes well.
        assert!(listener.bound.replace(bound).is_some());
        let _dialled = TcpStream::connect(listener.local()).await.unwrap();
        std::future::poll_fn(|cx| listener.poll_accept(cx)).await;
        assert!(listener.bound.is_none());
    }
}
