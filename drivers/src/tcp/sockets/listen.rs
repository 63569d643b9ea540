//! Listeners.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::ground::Stream;
use marketplace::{Failure, Source};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Sleep, sleep};

use crate::open::Open;
use crate::tcp::halves::FromListener;
use crate::tcp::messages::{TcpAddress, TcpFailure};
use crate::tcp::sockets::places::Places;
use crate::tcp::sockets::{Options, accepted};

/// How many connections the kernel holds ready.
const BACKLOG: u32 = 1024;

/// How long accepting pauses after an error: longer each time, until it succeeds.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Listens from its first poll on, tells the address, and accepts.
pub(super) struct Listening {
    address: SocketAddr,
    options: Options,
    places: Arc<Places>,
    /// That all places are taken was logged once.
    full: bool,
    accepting: Option<Accepting<TcpListener>>,
    /// Told together with the address.
    closed: Source,
    /// Dropped last.
    _open: Open,
}

impl Listening {
    pub(super) fn new(address: SocketAddr, options: Options) -> Self {
        let places = Places::new(options.max_connections);
        let (open, closed) = Open::new();
        Self { address, options, places, full: false, accepting: None, closed, _open: open }
    }
}

impl Stream for Listening {
    type Item = Result<FromListener, Failure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(accepting) = &mut this.accepting else {
            let what = format_args!("listen on {}", this.address);
            let listens = listen(this.address).map_err(|error| Failure::value(&TcpFailure::to(what, &error)));
            return Poll::Ready(Some(listens.map(|(listener, local)| {
                this.accepting = Some(Accepting::new(listener));
                FromListener::Listening { local, closed: this.closed.clone() }
            })));
        };
        if !this.places.any_free(cx) {
            // A peer that connects now waits in the kernel until there is a place.
            if !std::mem::replace(&mut this.full, true) {
                tracing::warn!(address = %this.address, places = this.options.max_connections, "all connections are taken");
            }
            return Poll::Pending;
        }
        let (socket, remote) = ready!(accepting.poll_accept(cx));
        let connection = accepted(socket, this.places.take(), &this.options);
        Poll::Ready(Some(Ok(FromListener::Accepted { connection, remote: remote.into() })))
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, TcpAddress)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Connections of an earlier listener that linger do not hold up this one.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let local = listener.local_addr()?;
    Ok((listener, local.into()))
}

/// Accepts, whatever goes wrong: too many open files, say, until there are fewer.
struct Accepting<A> {
    acceptor: A,
    pause: Duration,
    paused: Option<Pin<Box<Sleep>>>,
}

/// A listener, or in tests an object that stands for one.
trait Accept {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>>;
}

impl Accept for TcpListener {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        Self::poll_accept(self, cx)
    }
}

impl<A: Accept> Accepting<A> {
    fn new(acceptor: A) -> Self {
        Self { acceptor, pause: PAUSE, paused: None }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(TcpStream, SocketAddr)> {
        loop {
            if let Some(paused) = &mut self.paused {
                ready!(paused.as_mut().poll(cx));
                self.paused = None;
            }
            match ready!(self.acceptor.poll_accept(cx)) {
                Ok(accepted) => {
                    self.pause = PAUSE;
                    return Poll::Ready(accepted);
                }
                // The peer was gone before it was accepted: that says nothing of the next.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, pause = ?self.pause, "accepting pauses");
                    self.paused = Some(Box::pin(sleep(self.pause)));
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::future::poll_fn;
    use std::io::Error;

    use tokio::time::Instant;

    use super::*;

    /// Fails in these ways, and then accepts.
    struct Fails(VecDeque<Error>, TcpListener);

    impl Accept for Fails {
        fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
            match self.0.pop_front() {
                Some(error) => Poll::Ready(Err(error)),
                None => self.1.poll_accept(cx),
            }
        }
    }

    const TOO_MANY_OPEN_FILES: i32 = 24;

    #[tokio::test]
    async fn errors_pause_it_longer_each_time_until_it_succeeds() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let aborted = || Error::from(io::ErrorKind::ConnectionAborted);
        let errors = (0..10).map(|_| Error::from_raw_os_error(TOO_MANY_OPEN_FILES));
        let mut accepting = Accepting::new(Fails(errors.chain([aborted()]).collect(), listener));
        let _client = TcpStream::connect(address).await.unwrap();
        tokio::time::pause();
        let began = Instant::now();
        poll_fn(|cx| accepting.poll_accept(cx)).await;
        // 10 ms, doubled each time, and never more than a second.
        let paused: u128 = (0..10).map(|times| (10 << times).min(1000)).sum();
        assert!(began.elapsed().as_millis().abs_diff(paused) < 20, "{:?}", began.elapsed());
        accepting.acceptor.0.push_back(aborted());
        let _another = TcpStream::connect(address).await.unwrap();
        let began = Instant::now();
        poll_fn(|cx| accepting.poll_accept(cx)).await;
        assert_eq!(began.elapsed(), Duration::ZERO, "a peer that is gone holds up nobody");
        assert_eq!(accepting.pause, PAUSE);
    }
}
