//! Answers to lines that came together go out together, and wait for nothing else.

use std::sync::Arc;

use marketplace::ground::Sink;

use super::*;
use crate::tcp::sockets::gate::HELD;

/// A connection whose peer says lines, with both directions.
struct Both {
    pair: Pair,
    writer: Writer,
}

impl Both {
    async fn hears(text: &[u8]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        peer.writable().await.unwrap();
        let (read, write) = listener.accept().await.unwrap().0.into_split();
        // A pair has a direction out of its own: that of another connection, so that the writer has this one's.
        let (_, unused) = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap().into_split();
        let gate = options().gate();
        gate.want(true);
        gate.switch(TcpMode::Lines);
        let reader = options().reader(read, gate.clone(), None);
        let writer = Writer::new(write, gate.clone());
        let both = Self { pair: Pair { peer, reader, gate, _write: unused }, writer };
        both.pair.say(text);
        both
    }

    /// Hears a line and answers it, as the host does: what is said is flushed before the reader is asked again.
    async fn answer(&mut self, line: &'static str, answer: &'static [u8]) {
        assert_eq!(self.pair.now().await, Some(data(line)));
        Pin::new(&mut self.writer).start_send(TcpPacket::from(answer).to_value()).unwrap();
        self.flush().await;
    }

    async fn flush(&mut self) {
        poll_fn(|cx| Pin::new(&mut self.writer).poll_flush(cx)).await.unwrap();
    }

    /// Nothing can be heard now. Says whether the host is told at once that it is to flush.
    fn rests(&mut self) -> bool {
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        assert!(Pin::new(&mut self.pair.reader).poll_next(&mut Context::from_waker(&waker)).is_pending());
        woken.0.load(Relaxed) > 0
    }

    fn held(&self) -> usize {
        self.pair.gate.waiting()
    }
}

#[tokio::test]
async fn answers_to_lines_that_came_together_go_out_together() {
    let mut both = Both::hears(b"a\nb\nc\n").await;
    both.answer("a", b"A").await;
    assert_eq!(both.held(), 1);
    both.answer("b", b"B").await;
    assert_eq!(both.held(), 2);
    both.answer("c", b"C").await;
    assert_eq!(both.held(), 0, "nothing follows");
    assert!(!both.rests());
    both.pair.say(b"d\n");
    both.answer("d", b"D").await;
    assert_eq!(both.held(), 0, "a line that came alone");
}

#[tokio::test]
async fn a_line_that_is_not_whole_holds_up_nobody() {
    let mut both = Both::hears(b"a\nb").await;
    both.answer("a", b"A").await;
    assert!(both.rests());
    both.flush().await;
    assert_eq!(both.held(), 0);
    assert!(!both.rests(), "once is enough");
}

#[tokio::test]
async fn who_stops_reading_stops_holding() {
    let stops: [fn(&Gate); 2] = [|gate| gate.want(false), |gate| gate.extend(0)];
    for stop in stops {
        let mut both = Both::hears(b"a\nb\n").await;
        both.answer("a", b"A").await;
        assert_eq!(both.held(), 1);
        stop(&both.pair.gate);
        assert!(both.rests());
        both.flush().await;
        assert_eq!(both.held(), 0);
    }
}

#[tokio::test]
async fn what_is_no_line_holds_nothing() {
    let mut both = Both::hears(b"a\nbcd").await;
    assert_eq!(both.pair.now().await, Some(data("a")));
    both.pair.gate.switch(TcpMode::Bytes);
    both.pair.gate.extend(1);
    both.answer("b", b"B").await;
    assert_eq!(both.held(), 0);
}

#[tokio::test]
async fn so_many_are_held_and_no_more() {
    let mut both = Both::hears(&b"x\n".repeat(2 * HELD + 1)).await;
    for held in (1..HELD).chain([0]).chain(1..HELD).chain([0, 0]) {
        both.answer("x", b"X").await;
        assert_eq!(both.held(), held);
    }
}

#[tokio::test]
async fn so_many_bytes_are_held_and_no_more() {
    static ANSWER: [u8; 10_000] = [b'X'; 10_000];
    let mut both = Both::hears(b"a\nb\nc\n").await;
    both.answer("a", &ANSWER).await;
    assert_eq!(both.held(), ANSWER.len());
    both.answer("b", &ANSWER).await;
    assert_eq!(both.held(), 0);
}

#[tokio::test]
async fn what_is_held_is_written_at_the_end() {
    for close in [false, true] {
        let mut both = Both::hears(b"a\nb\n").await;
        both.answer("a", b"A").await;
        assert_eq!(both.held(), 1);
        if close {
            poll_fn(|cx| Pin::new(&mut both.writer).poll_close(cx)).await.unwrap();
        } else {
            Pin::new(&mut both.writer).start_send(TcpPacket::Eof.to_value()).unwrap();
            both.flush().await;
        }
        assert_eq!(both.held(), 0);
        let mut heard = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut both.pair.peer, &mut heard).await.unwrap();
        assert_eq!(heard, b"A");
    }
}
