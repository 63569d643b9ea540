//! When the host is woken, to ask for the next item.

use std::pin::Pin;
use std::task::Poll;

use super::*;
use crate::tcp::sockets::socket::CONGESTED;

/// The host asks for the next item when the waker was called, and otherwise not.
#[tokio::test]
async fn whatever_changes_what_there_is_to_say_wakes_the_task_and_nothing_else_does() {
    let mut pair = Pair::new(Options { acknowledge_every: Some(200_000), ..options() }).await;
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    let mut cx = Context::from_waker(&waker);
    for told in [ToSocket::Read, ToSocket::Rest, ToSocket::Credit(1), ToSocket::Mode(TcpMode::Lines)] {
        pair.socket.give(told.to_value(), &mut cx).unwrap();
        assert_eq!(woken.0.swap(0, Relaxed), 1, "{told:?}");
    }
    let wakes = |pair: &mut Pair, wrote| {
        pair.socket.parts().1.wrote(wrote, &Context::from_waker(&waker));
        woken.0.swap(0, Relaxed) == 1
    };
    pair.add_waiting(CONGESTED + 200_000);
    assert!(!wakes(&mut pair, 199_999), "still congested, and nothing to acknowledge");
    assert!(wakes(&mut pair, 1), "both are over");
    assert_eq!(pair.socket.parts().1.acknowledge(), Some(200_000));
    assert!(!wakes(&mut pair, CONGESTED), "neither");
    pair.add_waiting(CONGESTED + 1);
    assert!(wakes(&mut pair, 1), "it may be read again");
    pair.socket.parts().1.wrote(CONGESTED, &Context::from_waker(Waker::noop()));
    pair.socket.give(TcpPacket::from("x").to_value(), &mut cx).unwrap();
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(woken.0.load(Relaxed), 0, "what was written is told later");
    pair.socket.give(TcpPacket::Eof.to_value(), &mut cx).unwrap();
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(woken.0.swap(0, Relaxed), 1, "that may be the end");
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(woken.0.load(Relaxed), 0, "once is enough");
}

/// A peer that is listened to, and that has said nothing yet.
async fn listened_to() -> (Pair, Arc<Woken>, Waker) {
    let mut pair = Pair::taken_within(None, options()).await;
    pair.want(true);
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    assert!(pair.socket.poll_next(&mut Context::from_waker(&waker)).is_pending());
    // A new socket of tokio counts as readable until it was read.
    assert!(pair.socket.poll_next(&mut Context::from_waker(&waker)).is_pending());
    (pair, woken, waker)
}

/// The waker is called when the peer has said this. Then it is heard.
async fn says(pair: &mut Pair, bytes: &'static [u8], woken: &Woken, waker: &Waker) -> TcpPacket {
    pair.say(bytes);
    hears(pair, woken, waker).await
}

async fn hears(pair: &mut Pair, woken: &Woken, waker: &Waker) -> TcpPacket {
    // By the clock on the wall: one test stops that of tokio.
    let begun = std::time::Instant::now();
    while woken.0.swap(0, Relaxed) == 0 {
        assert!(begun.elapsed().as_secs() < 30, "the waker is not called");
        tokio::task::yield_now().await;
    }
    match pair.socket.poll_next(&mut Context::from_waker(waker)) {
        Poll::Ready(Some(Ok(item))) => TcpPacket::from_value(&item).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn after_a_packet_it_waits_for_the_peer_without_being_asked() {
    let (mut pair, woken, waker) = listened_to().await;
    for _ in 0..3 {
        assert_eq!(says(&mut pair, b"x", &woken, &waker).await, TcpPacket::from("x"));
        assert!(pair.socket.is_waiting());
        assert_eq!(woken.0.load(Relaxed), 0);
    }
    tokio::time::pause();
    tokio::time::advance(HOUR).await;
    assert_eq!(woken.0.swap(0, Relaxed), 1, "it is to be looked at whether the peer is idle");
    // A packet that comes now does not put that off.
    assert_eq!(says(&mut pair, b"x", &woken, &waker).await, TcpPacket::from("x"));
    assert!(!pair.socket.is_waiting());
}

#[tokio::test]
async fn it_is_asked_again_when_it_has_more_or_waits_for_anything_else() {
    let (mut pair, woken, waker) = listened_to().await;
    pair.switch(TcpMode::Lines);
    assert_eq!(says(&mut pair, b"a\nb\n", &woken, &waker).await, TcpPacket::from("a"));
    assert!(!pair.socket.is_waiting(), "answers are held back until it is asked");
    let mut cx = Context::from_waker(&waker);
    pair.socket.give(TcpPacket::from("A").to_value(), &mut cx).unwrap();
    assert!(pair.socket.poll_flush(&mut cx).is_ready());
    assert_eq!(pair.packet().await, data("b"));
    assert!(!pair.socket.is_waiting(), "there may be no answer with which that one could go");
    let (mut pair, woken, waker) = listened_to().await;
    pair.extend(1);
    assert_eq!(says(&mut pair, b"x", &woken, &waker).await, TcpPacket::from("x"));
    assert!(!pair.socket.is_waiting(), "there is no credit for more");
    let (mut pair, woken, waker) = listened_to().await;
    let much: &[u8] = vec![b'x'; 4096].leak();
    assert_eq!(says(&mut pair, much, &woken, &waker).await, TcpPacket::from(much));
    assert!(!pair.socket.is_waiting(), "there may be more");
    let (mut pair, woken, waker) = listened_to().await;
    shut(&mut pair.peer).await;
    assert_eq!(hears(&mut pair, &woken, &waker).await, TcpPacket::Eof);
    assert!(!pair.socket.is_waiting(), "the other direction may end");
}

#[tokio::test]
async fn while_it_waits_for_its_peer_it_keeps_no_room() {
    let much: &[u8] = vec![b'x'; 4096].leak();
    for mode in [TcpMode::Bytes, TcpMode::Lines] {
        let (mut pair, woken, waker) = listened_to().await;
        assert_eq!(pair.socket.parts().0.room(), 0);
        for said in [b"x", much, much, b"x", b"x"] {
            assert_eq!(says(&mut pair, said, &woken, &waker).await, TcpPacket::from(said));
            assert!(
                pair.socket.is_waiting()
                    || pair.socket.poll_next(&mut Context::from_waker(&waker)).is_pending()
            );
            assert_eq!(pair.socket.parts().0.room(), 0);
        }
        pair.switch(mode);
        pair.say(b"line\n");
        assert!(matches!(pair.now().await, Some(Ok(_))));
        assert_eq!(pair.now().await, None);
        assert_eq!(pair.socket.parts().0.room(), 0);
    }
}

#[tokio::test]
async fn the_beginning_of_a_line_does_not_keep_the_room_of_those_before() {
    let (mut pair, ..) = listened_to().await;
    pair.switch(TcpMode::Lines);
    let mut said = b"x\n".repeat(30_000);
    said.push(b'y');
    pair.say(said.leak());
    for _ in 0..30_000 {
        assert_eq!(pair.packet().await, data("x"));
    }
    assert_eq!(pair.now().await, None);
    assert!(pair.socket.parts().0.room() < 64, "{}", pair.socket.parts().0.room());
}

/// A listener with one place left waits for the kernel, and not for itself.
#[tokio::test]
async fn the_last_place_is_waited_for_in_peace() {
    let mut listening = Listening::new("127.0.0.1:0".parse().unwrap(), options());
    poll_fn(|cx| Pin::new(&mut listening).poll_next(cx)).await.unwrap().unwrap();
    let woken = Arc::new(Woken::default());
    let waker = woken.clone().into();
    assert!(Pin::new(&mut listening).poll_next(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(woken.0.load(Relaxed), 0);
}
