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
    /// The socket, until a runtime has it.
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
            let accepted = match (&self.listener, self.bound.take()) {
                (Some(listener), _) => ready!(listener.poll_accept(cx)),
                (None, Some(bound)) => match TcpListener::from_std(bound) {
                    Ok(listener) => {
                        self.listener = Some(listener);
                        continue;
                    }
                    Err(error) => Err(error),
                },
                (None, None) => return Poll::Pending,
            };
            match accepted {
                Ok((stream, peer)) => {
                    settings::set(&stream);
                    return Poll::Ready((stream, peer));
                }
                // The peer was gone before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, pause = ?PAUSE, "accepting pauses");
                    self.paused = Some(Box::pin(sleep(PAUSE)));
                }
            }
        }
    }
}
