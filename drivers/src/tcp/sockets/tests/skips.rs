//! Lines that are too long are skipped, where a session asks for that.

use super::*;

const LEN: usize = 3 * LIMIT;

/// A connection whose lines are heard, and of which those that are too long are skipped.
async fn short_lines() -> Pair {
    let mut pair = Pair::taken_within(None, options()).await;
    pair.want(true);
    pair.switch(TcpMode::ShortLines);
    pair
}

fn skipped(len: usize) -> Result<TcpPacket, Value> {
    Ok(TcpPacket::Skipped(len as u64))
}

/// A line without its terminator.
fn line(len: usize) -> Vec<u8> {
    vec![b'x'; len]
}

#[tokio::test]
async fn word_of_a_skipped_line_has_its_place_and_its_length() {
    let mut pair = short_lines().await;
    let long = line(LIMIT + 1);
    pair.say(&[b"a\n", &long[..], b"\r\nb\n", &long, b"x\n", &long[1..], b"\nc\n", &long].concat());
    assert_eq!(pair.packet().await, data("a"));
    assert_eq!(pair.packet().await, skipped(LIMIT + 1));
    assert_eq!(pair.packet().await, data("b"));
    assert_eq!(pair.packet().await, skipped(LIMIT + 2));
    assert_eq!(pair.packet().await, Ok(TcpPacket::from(line(LIMIT))), "it is not too long");
    assert_eq!(pair.packet().await, data("c"));
    assert_eq!(pair.now().await, None, "it may go on");
    shut(&mut pair.peer).await;
    assert_eq!(pair.packet().await, skipped(LIMIT + 1));
    assert_eq!(pair.packet().await, Ok(TcpPacket::Eof));
}

#[tokio::test]
async fn a_line_is_skipped_in_whatever_pieces_it_comes_and_none_is_kept() {
    let mut pair = short_lines().await;
    for _ in 0..LEN {
        pair.say(b"x");
        assert_eq!(pair.now().await, None);
        assert!(pair.kept() <= LIMIT);
    }
    assert_eq!(pair.kept(), 0);
    pair.say(b"\r");
    assert_eq!(pair.now().await, None);
    pair.say(b"\nb\n");
    assert_eq!(pair.packet().await, skipped(LEN));
    assert_eq!(pair.packet().await, data("b"));
}

/// A socket that has thrown some bytes away asks to be asked again, even if more are here.
#[tokio::test]
async fn a_line_without_an_end_leaves_others_their_turn_and_takes_no_memory() {
    let mut pair = short_lines().await;
    let piece = line(256 * 1024);
    let (mut said, mut asked) = (0, 0);
    for _ in 0..100 {
        tokio::task::yield_now().await;
        said += pair.peer.try_write(&piece).unwrap_or(0);
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        assert!(pair.socket.poll_next(&mut Context::from_waker(&waker)).is_pending());
        asked += woken.0.load(Relaxed);
        assert!(pair.kept() <= 1);
        assert!(pair.socket.parts().0.room() <= 128 * 1024);
    }
    assert!(said > 1024 * 1024, "{said}");
    assert!(asked > 0);
    // The kernel takes more once the socket has read some of what it has.
    while pair.peer.try_write(b"\n").is_err() {
        assert_eq!(pair.now().await, None);
    }
    assert_eq!(pair.packet().await, skipped(said));
}

#[tokio::test]
async fn word_of_a_skipped_line_costs_what_a_line_does() {
    let mut pair = short_lines().await;
    pair.extend(1);
    pair.say(&[&line(LEN)[..], b"\nb\n"].concat());
    assert_eq!(pair.packet().await, skipped(LEN));
    assert_eq!(pair.now().await, None);
    pair.extend(1);
    assert_eq!(pair.now().await, Some(data("b")));
}

#[tokio::test]
async fn a_session_that_asks_for_bytes_meanwhile_is_told_how_many_are_gone() {
    let mut pair = short_lines().await;
    pair.say(&line(LEN));
    assert_eq!(pair.now().await, None);
    assert_eq!(pair.kept(), 0);
    pair.switch(TcpMode::Bytes);
    assert_eq!(pair.now().await, Some(skipped(LEN)));
    pair.say(b"rest\n");
    assert_eq!(pair.now().await, Some(data("rest\n")));
}

#[tokio::test]
async fn a_session_that_wants_all_lines_meanwhile_loses_the_connection() {
    let mut pair = short_lines().await;
    pair.say(&line(LEN));
    assert_eq!(pair.now().await, None);
    pair.switch(TcpMode::Lines);
    pair.say(b"\n");
    assert_eq!(pair.now().await, Some(Err(symbol(&LINE_TOO_LONG))));
}

/// The peer sends, so that it is not idle, though nothing is heard of it.
#[tokio::test]
async fn who_sends_a_long_line_slowly_is_not_idle() {
    let mut pair = short_lines().await;
    pair.say(&line(LEN));
    tokio::time::pause();
    for _ in 0..10 {
        assert!(timeout(HOUR * 9 / 10, pair.packet()).await.is_err());
        pair.say(b"x");
    }
    assert_idle(pair.given_up().await);
}

#[tokio::test]
async fn word_of_a_skipped_line_is_not_written() {
    let mut pair = short_lines().await;
    let mut cx = Context::from_waker(Waker::noop());
    for packet in [TcpPacket::Skipped(7), TcpPacket::from("x"), TcpPacket::Eof] {
        pair.socket.give(packet.to_value(), &mut cx).unwrap();
    }
    poll_fn(|cx| pair.socket.poll_close(cx)).await.unwrap();
    let mut heard = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut pair.peer, &mut heard).await.unwrap();
    assert_eq!(heard, b"x");
}
