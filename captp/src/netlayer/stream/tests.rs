//! Connections on real sockets; time is paused where it matters.

use std::future::poll_fn;
use std::task::Waker;

use bytes::Bytes;
use marketplace::{Reason, Symbol};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::writer::{CONGESTED, LIMIT, PATIENCE};
use super::*;

/// A peer, and the outer half that speaks with it.
struct Pair {
    peer: TcpStream,
    line: Line<TcpStream>,
}

impl Pair {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let stream = listener.accept().await.unwrap().0;
        let mut pair = Self { peer, line: Line::new(stream, None) };
        let first = pair.next().await;
        assert!(matches!(&first, Some(Ok(FromLine::Connected(seed))) if seed.0.len() == 32), "{first:?}");
        pair
    }

    async fn next(&mut self) -> Option<Result<FromLine, Reason>> {
        // The host flushes whenever it is woken.
        let item = poll_fn(|cx| {
            if let Poll::Ready(Err(why)) = self.line.poll_flush(cx) {
                return Poll::Ready(Some(Err(why)));
            }
            self.line.poll_next(cx)
        });
        item.await.map(|item| {
            item.map(|item| FromLine::from_value(&item).expect("an item")).map_err(|failure| failure.0)
        })
    }

    fn tell(&mut self, said: ToLine) -> Result<(), Reason> {
        self.line
            .give(said.into_value(), &mut Context::from_waker(Waker::noop()))
            .map_err(|failure| failure.0)
    }

    fn say(&mut self, bytes: &'static [u8]) {
        self.tell(ToLine::Say(Bytes::from_static(bytes))).unwrap();
    }

    async fn flush(&mut self) {
        poll_fn(|cx| self.line.poll_flush(cx)).await.unwrap();
    }
}

fn heard(bytes: &'static [u8]) -> Option<Result<FromLine, Reason>> {
    Some(Ok(FromLine::Heard(Bytes::from_static(bytes))))
}

fn overrun() -> Reason {
    Reason::value(&Symbol::new("overrun"))
}

#[tokio::test]
async fn bytes_go_both_ways() {
    let mut pair = Pair::new().await;
    pair.peer.write_all(b"hello").await.unwrap();
    assert_eq!(pair.next().await, heard(b"hello"));
    pair.say(b"good ");
    pair.say(b"day");
    pair.flush().await;
    let mut said = [0; 8];
    pair.peer.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"good day");
}

#[tokio::test]
async fn at_most_64_kib_are_read_at_once() {
    let mut pair = Pair::new().await;
    let much = vec![7; 200_000];
    let (mut read, mut largest) = (0, 0);
    pair.peer.write_all(&much).await.unwrap();
    while read < much.len() {
        let Some(Ok(FromLine::Heard(bytes))) = pair.next().await else { panic!("bytes come") };
        read += bytes.len();
        largest = largest.max(bytes.len());
    }
    assert!(largest <= 64 * 1024, "{largest}");
}

#[tokio::test]
async fn the_end_of_the_peer_is_told_and_what_is_said_still_arrives() {
    let mut pair = Pair::new().await;
    pair.peer.shutdown().await.unwrap();
    assert_eq!(pair.next().await, Some(Ok(FromLine::Ended)));
    pair.say(b"farewell");
    pair.tell(ToLine::Close).unwrap();
    assert_eq!(pair.next().await, None);
    let mut said = String::new();
    pair.peer.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "farewell");
}

/// It uses up all the time that tokio lends to the task.
#[tokio::test(start_paused = true)]
async fn k8_a_peer_that_says_something_for_ever_is_let_go_of() {
    let mut line = Line::new(tokio::io::join(tokio::io::repeat(7), tokio::io::sink()), None);
    line.give(ToLine::Close.into_value(), &mut Context::from_waker(Waker::noop())).unwrap();
    let over = tokio::spawn(async move {
        let mut next = async || {
            poll_fn(|cx| {
                let _ = line.poll_flush(cx);
                line.poll_next(cx)
            })
            .await
        };
        while next().await.is_some() {}
    });
    for time in [LINGER / 2, LINGER] {
        assert!(!over.is_finished());
        tokio::time::advance(time).await;
        tokio::task::yield_now().await;
    }
    assert!(over.is_finished());
}

/// P1: bytes that nobody reads do not reset the connection.
#[tokio::test]
async fn p1_after_a_close_what_comes_is_thrown_away() {
    let mut pair = Pair::new().await;
    pair.peer.write_all(&[7; 10_000]).await.unwrap();
    pair.say(b"aborted");
    pair.tell(ToLine::Close).unwrap();
    let Pair { mut peer, line } = pair;
    let mut pair = Pair { peer: peer_of_nobody().await, line };
    let ends = tokio::spawn(async move { pair.next().await });
    let mut said = String::new();
    peer.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "aborted", "it is read up to the end, and there is no reset");
    peer.write_all(&[7; 10_000]).await.unwrap();
    drop(peer);
    assert_eq!(ends.await.unwrap(), None);
}

async fn peer_of_nobody() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    TcpStream::connect(listener.local_addr().unwrap()).await.unwrap()
}

#[tokio::test]
async fn p1_a_peer_that_does_not_end_is_waited_for_in_vain() {
    let mut pair = Pair::new().await;
    pair.tell(ToLine::Close).unwrap();
    pair.flush().await;
    tokio::time::pause();
    let began = Instant::now();
    assert_eq!(pair.next().await, None);
    assert_eq!(began.elapsed().as_secs(), LINGER.as_secs());
}

/// The process has ended, and the host closes the outer half.
#[tokio::test]
async fn p1_a_source_that_is_turned_off_is_closed_softly() {
    let mut pair = Pair::new().await;
    pair.peer.write_all(&[7; 10_000]).await.unwrap();
    pair.say(b"aborted");
    let Pair { mut peer, mut line } = pair;
    let closes = tokio::spawn(async move { poll_fn(|cx| line.poll_close(cx)).await });
    let mut said = String::new();
    peer.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "aborted");
    assert!(!closes.is_finished(), "the peer may still be about to say something");
    drop(peer);
    closes.await.unwrap().unwrap();
}

#[tokio::test]
async fn k10_too_much_that_waits_is_told_and_that_it_is_over() {
    let mut pair = Pair::new().await;
    let much = Bytes::from(vec![7; CONGESTED / 2]);
    for _ in 0..3 {
        pair.tell(ToLine::Say(much.clone())).unwrap();
    }
    assert_eq!(pair.next().await, Some(Ok(FromLine::Congested(true))));
    let Pair { mut peer, line } = pair;
    let reads = tokio::spawn(async move {
        let mut all = vec![0; 3 * (CONGESTED / 2)];
        peer.read_exact(&mut all).await.unwrap();
        peer
    });
    let mut pair = Pair { peer: peer_of_nobody().await, line };
    assert_eq!(pair.next().await, Some(Ok(FromLine::Congested(false))));
    pair.flush().await;
    drop(reads.await.unwrap());
}

#[tokio::test]
async fn k10_more_than_may_wait_ends_it_with_overrun() {
    let mut pair = Pair::new().await;
    let much = Bytes::from(vec![7; LIMIT / 4]);
    for _ in 0..4 {
        pair.tell(ToLine::Say(much.clone())).unwrap();
    }
    assert_eq!(pair.tell(ToLine::Say(Bytes::from_static(b"."))), Err(overrun()));
}

#[tokio::test]
async fn k10_a_peer_that_takes_nothing_ends_it_with_overrun() {
    let mut pair = Pair::new().await;
    // More than the kernel takes.
    pair.tell(ToLine::Say(vec![7; CONGESTED - 1].into())).unwrap();
    tokio::time::pause();
    let began = Instant::now();
    assert_eq!(pair.next().await, Some(Err(overrun())));
    assert!(began.elapsed() >= PATIENCE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_says_why() {
    let mut half = Half::<TcpStream>::Connecting(Box::pin(async { Err(Failure::value(&"no".to_string())) }));
    // It takes nothing before it stands.
    half.give(ToLine::Close.into_value(), &mut Context::from_waker(Waker::noop())).unwrap();
    let item = poll_fn(|cx| half.poll_next(cx)).await;
    assert_eq!(item, Some(Err(Failure::value(&"no".to_string()))));
}

#[tokio::test]
async fn what_is_known_of_the_peer_is_told_before_what_it_says() {
    let mut pair = Pair::new().await;
    let known = Known::default();
    pair.line = Line { known: Some(known.clone()), ..pair.line };
    pair.peer.write_all(b"hello").await.unwrap();
    assert_eq!(pair.next().await, Some(Ok(FromLine::Known(known))));
    assert_eq!(pair.next().await, heard(b"hello"));
}

/// Takes so many bytes of each write, and counts the writes.
struct Takes {
    most: usize,
    writes: usize,
    bytes: Vec<u8>,
}

impl AsyncWrite for Takes {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.poll_write_vectored(cx, &[std::io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        pieces: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.writes += 1;
        let before = self.bytes.len();
        let most = self.most;
        let bytes = pieces.iter().flat_map(|piece| piece.iter().copied()).take(most);
        self.bytes.extend(bytes);
        Poll::Ready(Ok(self.bytes.len() - before))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn messages_that_wait_are_written_together() {
    let messages: Vec<_> = (0..64).map(|n| format!("message {n};")).collect();
    let all = messages.concat();
    for (most, writes) in [(usize::MAX, 1), (7, all.len().div_ceil(7)), (1, all.len())] {
        let mut writer = Writer::default();
        messages.iter().for_each(|message| writer.push(message.clone().into()).unwrap());
        let mut takes = Takes { most, writes: 0, bytes: Vec::new() };
        let written = writer.poll(&mut takes, &mut Context::from_waker(Waker::noop()));
        assert!(matches!(written, Poll::Ready(Ok(()))));
        assert_eq!((takes.bytes, takes.writes), (all.clone().into_bytes(), writes));
    }
}
