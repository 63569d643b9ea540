//! When the host is woken, to ask for the next item.

use std::pin::Pin;

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
