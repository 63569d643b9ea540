//! The problems of datagrams, and the processes that are told.

use marketplace::prelude::*;
use marketplace_drivers::udp::{self, UdpAddress, UdpProblem};
use tokio::net::UdpSocket;

use crate::support::*;

fn me() -> UdpAddress {
    UdpAddress::handle("me")
}

/// A program with a handle that tells everything.
fn program(driver: udp::UdpDriver) -> (Voice, Inbox, impl FnOnce() -> Transition<()> + Send + 'static) {
    let (tell, inbox) = news();
    let (voice, herald) = voice();
    let boot = move || {
        transition_no_state!(
            driver,
            herald,
            tells_bound(&me(), tell.clone()),
            tells_heard(&me(), tell.clone()),
            tells_unsent(&me(), tell),
        )
    };
    (voice, inbox, boot)
}

#[test]
fn what_cannot_be_sent_is_told_and_the_socket_goes_on() {
    block_on(async {
        let (voice, mut inbox, boot) = program(udp::driver());
        let ran = beside(boot, async {
            let local = inbox.bound().await;
            let peer = Peer::new().await;
            voice.send(&me(), peer.address(), vec![0; 65508]);
            assert_eq!(inbox.unsent().await.kind.as_str(), "TooBig");
            voice.send(&me(), UdpAddress::remote("localhost", 7), "by name");
            let UdpProblem { kind, text } = inbox.unsent().await;
            assert_eq!(kind.as_str(), "NotNumeric");
            assert!(text.contains("localhost"), "{text}");
            // Broadcast is not for everybody: the kernel says no, at once and always.
            voice.send(&me(), UdpAddress::remote("255.255.255.255", 7), "to all");
            let UdpProblem { kind, .. } = inbox.unsent().await;
            assert!(["PermissionDenied", "NetworkUnreachable"].contains(&kind.as_str()), "{kind}");
            voice.send(&me(), peer.address(), "still here");
            assert_eq!(peer.receive().await.0, b"still here");
            peer.send(local, b"so am I").await;
            assert_eq!(inbox.came().await.1, "so am I");
        });
        ran.await.expect("it ends in order");
    });
}

#[test]
fn nobody_where_it_went_ends_nothing() {
    block_on(async {
        let (voice, mut inbox, boot) = program(udp::driver());
        let ran = beside(boot, async {
            let local = inbox.bound().await;
            // A socket that is connected to itself takes nothing from others, and keeps its port
            // from them.
            let deaf = Peer::new().await;
            deaf.0.connect(deaf.address()).await.expect("it is there");
            let gone = deaf.address();
            let peer = Peer::new().await;
            for _ in 0..20 {
                voice.send(&me(), gone, "anybody?");
                voice.send(&me(), peer.address(), "hello");
                peer.receive().await;
                peer.send(local, b"hello").await;
                assert_eq!(inbox.came().await.0, peer.address().into());
            }
        });
        ran.await.expect("it ends in order");
    });
}

#[test]
fn a_port_in_use_is_refused_and_opened_for_the_next_when_it_is_free() {
    block_on(async {
        let taken = UdpSocket::bind("127.0.0.1:0").await.expect("there is a loopback");
        let socket = UdpAddress::Listener(taken.local_addr().expect("it is bound").port());
        let (tell, mut inbox) = news();
        let (voice, herald) = voice();
        let want = socket.clone();
        let boot = move || {
            transition_no_state!(
                udp::driver(),
                herald,
                tells_bound(&want, tell.clone()),
                tells_heard(&want, tell.clone()),
                subscriber!(Leave, on_message!(_ => tells_heard(&want, tell.clone()))),
            )
        };
        let ran = beside(boot, async {
            let News::Gone(_, Reason::Refused(why)) = inbox.next().await else { panic!("it is refused") };
            let why = UdpProblem::from_value(&why).expect("a problem");
            assert_eq!(why.kind.as_str(), "AddrInUse");
            assert!(why.text.contains("cannot bind 127.0.0.1:"), "{}", why.text);
            drop(taken);
            voice.say(&Leave);
            assert_eq!(UdpAddress::Listener(inbox.bound().await.port()), socket);
        });
        ran.await.expect("it ends in order");
    });
}
