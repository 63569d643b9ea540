//! The tests share a way to speak in the program, and news from inside.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use marketplace::ground::Stream;
use marketplace::prelude::*;
use marketplace::{Failure, Ground, Source};
use marketplace_drivers::udp::{UdpAddress, UdpBound, UdpFeedback, UdpPacket, UdpProblem};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

pub(crate) use crate::beside::{TOO_LONG, beside, block_on, news};

pub(crate) type Inbox = crate::beside::Inbox<News>;

/// News from the VM.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    Bound(UdpAddress, SocketAddr),
    Gone(UdpAddress, Reason),
    Came { at: UdpAddress, from: UdpAddress, bytes: Bytes },
    Unsent(UdpAddress, UdpProblem),
}

impl Inbox {
    /// Waits for a socket to be bound. A place that is every address is told as the loopback.
    pub(crate) async fn bound(&mut self) -> SocketAddr {
        match self.next().await {
            News::Bound(_, mut local) => {
                if local.ip().is_unspecified() {
                    local.set_ip([127, 0, 0, 1].into());
                }
                local
            }
            other => panic!("{other:?} came first"),
        }
    }

    /// Waits for a datagram.
    pub(crate) async fn came(&mut self) -> (UdpAddress, Bytes) {
        match self.next().await {
            News::Came { from, bytes, .. } => (from, bytes),
            other => panic!("{other:?} came first"),
        }
    }

    pub(crate) async fn unsent(&mut self) -> UdpProblem {
        match self.next().await {
            News::Unsent(_, problem) => problem,
            other => panic!("{other:?} came first"),
        }
    }
}

/// Tells that and where a socket is bound. It opens nothing itself.
pub(crate) fn tells_bound<S>(socket: &UdpAddress, tell: UnboundedSender<News>) -> AddEndpoint<S> {
    observe_publishers!(
        UdpBound { socket, .. },
        match_conversation!(UdpBound { local, .. } => on_presence!({
            let local = local.to_socket_addr().expect("a remote").expect("a numeric address");
            let _ = tell.send(News::Bound(socket.clone(), local));
        })),
        match_reason!(why: Reason => on_absence!({
            let _ = tell.send(News::Gone(socket.clone(), why));
        })),
    )
}

/// A participant that tells what comes.
pub(crate) fn tells_heard<S>(socket: &UdpAddress, tell: UnboundedSender<News>) -> AddEndpoint<S> {
    subscriber!(
        UdpPacket(UdpAddress::Remote(_, _), socket, _),
        on_message!(UdpPacket(from, at, bytes) => {
            let _ = tell.send(News::Came { at, from, bytes });
        }),
        on_absence!(),
    )
}

/// A participant that tells what could not be sent.
pub(crate) fn tells_unsent<S>(socket: &UdpAddress, tell: UnboundedSender<News>) -> AddEndpoint<S> {
    publisher!(
        UdpPacket(socket, UdpAddress::Remote(_, _), _),
        on_message!(UdpFeedback(_, to, problem) => {
            let _ = tell.send(News::Unsent(to, problem));
        }),
    )
}

struct Says(UnboundedReceiver<Value>);

impl Stream for Says {
    type Item = Result<Value, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|said| said.map(Ok))
    }
}

/// The test's voice in the program.
#[derive(Clone)]
pub(crate) struct Voice(UnboundedSender<Value>);

impl Voice {
    pub(crate) fn say(&self, what: &impl Message) {
        self.0.send(what.to_value()).expect("the program runs");
    }

    pub(crate) fn send(&self, from: &UdpAddress, to: impl Into<UdpAddress>, bytes: impl Into<Bytes>) {
        self.say(&UdpPacket(from.clone(), to.into(), bytes.into()));
    }
}

/// A process that says inside what the test says, until the voice is gone.
pub(crate) fn voice<S>() -> (Voice, Spawn<S>) {
    let (say, said) = mpsc::unbounded_channel();
    let source = Source::stream(Says(said));
    let herald = spawn!(transition_no_state!(at_meta_level!(subscriber!(
        Ground::<Value>(source, _),
        on_message!(Ground::<Value>(_, what) => send_message!(what)),
        on_absence!(quit()),
    ))));
    (Voice(say), herald)
}

/// A message that ends the process that waits for it.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Leave;

/// A peer on the loopback.
pub(crate) struct Peer(pub(crate) UdpSocket);

impl Peer {
    pub(crate) async fn new() -> Self {
        Self(UdpSocket::bind("127.0.0.1:0").await.expect("there is a loopback"))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("it is bound")
    }

    pub(crate) async fn send(&self, to: SocketAddr, bytes: &[u8]) {
        self.0.send_to(bytes, to).await.expect("it is sent");
    }

    pub(crate) async fn receive(&self) -> (Vec<u8>, SocketAddr) {
        let mut buffer = vec![0; 65536];
        let (len, from) = timeout(TOO_LONG, self.0.recv_from(&mut buffer))
            .await
            .expect("it comes in time")
            .expect("it is received");
        buffer.truncate(len);
        (buffer, from)
    }
}
