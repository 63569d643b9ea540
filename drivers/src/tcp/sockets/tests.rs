//! The direction in on real sockets, with paused time.

mod credit;
mod heard;
mod idle;
mod skips;
mod together;
mod wakes;

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};

use marketplace::ground::{OuterHalf, Stream};
use marketplace::{Failure, Message, Reason, Value};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::*;
use crate::tcp::halves::{FromSocket, IDLE, LINE_TOO_LONG, ToSocket, UNTAKEN, symbol};
use crate::tcp::messages::{TcpMode, TcpPacket};

const HOUR: Duration = Duration::from_secs(60 * 60);
const LIMIT: usize = 100;

fn options() -> Options {
    Options {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        take_up: Duration::from_secs(10),
        write_limit: 1024 * 1024,
        acknowledge_every: None,
        line_limit: LIMIT,
        max_connections: 1,
        idle: HOUR,
        connect_within: HOUR,
    }
}

/// A peer, and the socket half that hears it.
struct Pair {
    peer: TcpStream,
    socket: Socket,
}

impl Pair {
    async fn new(options: Options) -> Self {
        Self::taken_within(Some(options.take_up), options).await
    }

    async fn taken_within(take_up: Option<Duration>, options: Options) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        peer.writable().await.unwrap();
        let stream = listener.accept().await.unwrap().0;
        Self { peer, socket: Socket::new(stream, &options, take_up) }
    }

    /// As the process half does: the socket is polled again in any case.
    fn tell(&mut self, told: ToSocket) {
        self.socket.give(told.to_value(), &mut Context::from_waker(Waker::noop())).unwrap();
    }

    fn want(&mut self, wanted: bool) {
        self.tell(if wanted { ToSocket::Read } else { ToSocket::Rest });
    }

    fn extend(&mut self, more: u64) {
        self.tell(ToSocket::Credit(more));
    }

    fn switch(&mut self, mode: TcpMode) {
        self.tell(ToSocket::Mode(mode));
    }

    /// So many bytes wait to be written, as if the kernel took none.
    fn add_waiting(&mut self, bytes: usize) {
        self.socket.parts().1.add_waiting(bytes);
    }

    /// The kernel has taken so many of them.
    fn wrote(&mut self, bytes: usize) {
        self.socket.parts().1.wrote(bytes, &Context::from_waker(Waker::noop()));
    }

    fn kept(&mut self) -> usize {
        self.socket.parts().0.kept()
    }

    async fn next(&mut self) -> Option<Result<Value, Failure>> {
        poll_fn(|cx| self.socket.poll_next(cx)).await
    }

    async fn packet(&mut self) -> Result<TcpPacket, Value> {
        match self.next().await.expect("no end before the other direction's") {
            Ok(item) => Ok(TcpPacket::from_value(&item).expect("a packet")),
            Err(Failure(Reason::Value(why))) => Err(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The item that there is to hear now. A peer on the same machine is heard at once: a turn of
    /// the runtime finds it.
    async fn now(&mut self) -> Option<Result<TcpPacket, Value>> {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            packet = self.packet() => Some(packet),
            () = std::future::ready(()) => None,
        }
    }

    fn say(&self, bytes: &[u8]) {
        assert_eq!(self.peer.try_write(bytes).unwrap(), bytes.len());
    }

    /// The time and the reason for which the connection is given up, if it is.
    async fn given_up(&mut self) -> Option<(Duration, Value)> {
        let began = Instant::now();
        match timeout(HOUR * 100, self.packet()).await {
            Ok(Err(why)) => Some((began.elapsed(), why)),
            Ok(Ok(packet)) => panic!("{packet:?}"),
            Err(_) => None,
        }
    }
}

fn data(text: &'static str) -> Result<TcpPacket, Value> {
    Ok(TcpPacket::from(text))
}

fn assert_idle(given_up: Option<(Duration, Value)>) {
    let (after, why) = given_up.expect("it is given up");
    assert_eq!(why, symbol(&IDLE));
    assert!(after >= HOUR && after <= HOUR * 5 / 4 + Duration::from_secs(1), "{after:?}");
}

async fn shut(peer: &mut TcpStream) {
    tokio::io::AsyncWriteExt::shutdown(peer).await.unwrap();
}

/// Counts how often its task is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}
