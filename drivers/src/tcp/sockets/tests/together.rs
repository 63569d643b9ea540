//! Answers to lines that came together go out together, and wait for nothing else.

use super::*;
use crate::tcp::sockets::writer::HELD;

/// A connection in line mode, with both directions.
struct Both {
    pair: Pair,
}

impl Both {
    async fn hears(text: &[u8]) -> Self {
        let mut pair = Pair::taken_within(None, options()).await;
        pair.want(true);
        pair.switch(TcpMode::Lines);
        pair.say(text);
        Self { pair }
    }

    fn say(&mut self, packet: &TcpPacket) {
        self.pair.socket.give(packet.to_value(), &mut Context::from_waker(Waker::noop())).unwrap();
    }

    /// Hears a line and answers it, as the host does: an answer is flushed before the reader is
    /// asked again.
    async fn answer(&mut self, line: &'static str, answer: &'static [u8]) {
        assert_eq!(self.pair.now().await, Some(data(line)));
        self.say(&TcpPacket::from(answer));
        self.flush().await;
    }

    async fn flush(&mut self) {
        poll_fn(|cx| self.pair.socket.poll_flush(cx)).await.unwrap();
    }

    /// No line can be heard now. Says whether the bytes that were held back are written at once.
    fn rests(&mut self) -> bool {
        let held = self.held();
        assert!(self.pair.socket.poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
        self.held() < held
    }

    fn held(&mut self) -> usize {
        self.pair.socket.parts().1.waiting()
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
    assert_eq!(both.held(), 0);
    assert!(!both.rests(), "once is enough");
}

#[tokio::test]
async fn who_stops_reading_stops_holding() {
    let stops: [fn(&mut Pair); 2] = [|pair| pair.want(false), |pair| pair.extend(0)];
    for stop in stops {
        let mut both = Both::hears(b"a\nb\n").await;
        both.answer("a", b"A").await;
        assert_eq!(both.held(), 1);
        stop(&mut both.pair);
        assert!(both.rests());
        assert_eq!(both.held(), 0);
    }
}

#[tokio::test]
async fn what_is_no_line_holds_nothing() {
    let mut both = Both::hears(b"a\nbcd").await;
    assert_eq!(both.pair.now().await, Some(data("a")));
    both.pair.switch(TcpMode::Bytes);
    both.pair.extend(1);
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
            poll_fn(|cx| both.pair.socket.poll_close(cx)).await.unwrap();
        } else {
            both.say(&TcpPacket::Eof);
            both.flush().await;
        }
        assert_eq!(both.held(), 0);
        let mut heard = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut both.pair.peer, &mut heard).await.unwrap();
        assert_eq!(heard, b"A");
    }
}
