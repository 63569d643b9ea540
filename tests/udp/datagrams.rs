//! Datagrams that go and come.

use std::net::{Ipv6Addr, SocketAddr};

use marketplace::prelude::*;
use marketplace_drivers::udp::{self, UdpAddress, UdpBound, UdpPacket};
use tokio::net::UdpSocket;

use crate::support::*;

const ANY: UdpAddress = UdpAddress::Listener(0);

fn echo() -> AddEndpoint<()> {
    subscriber!(
        UdpPacket(_, ANY, _),
        on_message!(UdpPacket(from, to, bytes) => send_message!(UdpPacket(to, from, bytes))),
        on_absence!(),
    )
}

#[test]
fn what_comes_is_whole_and_goes_back_whole() {
    block_on(async {
        let (tell, mut inbox) = news();
        let ran =
            beside(move || transition_no_state!(udp::driver(), tells_bound(&ANY, tell), echo()), async {
                let server = inbox.bound().await;
                assert!(server.ip().is_loopback() && server.port() != 0);
                let peer = Peer::new().await;
                for len in [0, 1, 1500, 9000, 65507] {
                    let bytes: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
                    peer.send(server, &bytes).await;
                    assert_eq!(peer.receive().await, (bytes, server));
                }
            });
        ran.await.expect("it ends in order");
    });
}

#[test]
fn a_listener_on_every_address_serves_both_families_and_ipv4_looks_like_ipv4() {
    block_on(async {
        let (tell, mut inbox) = news();
        let driver = udp::driver().bind(Ipv6Addr::UNSPECIFIED);
        let boot = move || {
            transition_no_state!(
                driver,
                tells_bound(&ANY, tell.clone()),
                tells_heard(&ANY, tell.clone()),
                echo()
            )
        };
        if UdpSocket::bind("[::1]:0").await.is_err() {
            println!("there is no IPv6 here: not tried");
            return;
        }
        let ran = beside(boot, async {
            let server = inbox.bound().await;
            let peer = Peer::new().await;
            peer.send(server, b"four").await;
            assert_eq!(inbox.came().await, (peer.address().into(), "four".into()));
            assert_eq!(peer.receive().await.0, b"four");
            let peer = Peer(UdpSocket::bind("[::1]:0").await.expect("tried before"));
            peer.send(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), server.port()), b"six").await;
            assert_eq!(inbox.came().await, (peer.address().into(), "six".into()));
            assert_eq!(peer.receive().await.0, b"six");
        });
        ran.await.expect("it ends in order");
    });
}

#[test]
fn a_handle_that_is_only_spoken_from_sends_to_both_families() {
    block_on(async {
        let handle = UdpAddress::handle("me");
        let (tell, mut inbox) = news();
        let (voice, herald) = voice();
        let me = handle.clone();
        let boot = move || {
            transition_no_state!(
                udp::driver(),
                herald,
                tells_bound(&me, tell),
                publisher!(UdpPacket(me, _, _))
            )
        };
        let ran = beside(boot, async move {
            inbox.bound().await;
            let peer = Peer::new().await;
            voice.send(&handle, peer.address(), "hello");
            assert_eq!(peer.receive().await.0, b"hello");
            let Ok(six) = UdpSocket::bind("[::1]:0").await else {
                println!("there is no IPv6 here: not tried");
                return;
            };
            let peer = Peer(six);
            voice.send(&handle, peer.address(), "");
            assert_eq!(peer.receive().await.0, b"");
        });
        ran.await.expect("it ends in order");
    });
}

#[test]
fn a_handle_that_names_its_remote_hears_that_one_alone() {
    block_on(async {
        let handle = UdpAddress::handle("me");
        let (tell, mut inbox) = news();
        let (voice, herald) = voice();
        let (peer, stranger) = (Peer::new().await, Peer::new().await);
        let (me, there) = (handle.clone(), UdpAddress::from(peer.address()));
        let boot = move || {
            let tell_bound = tells_bound(&me, tell.clone());
            transition_no_state!(
                udp::driver(),
                herald,
                publisher!(UdpPacket(me, there, _)),
                subscriber!(
                    UdpPacket(there, me, _),
                    on_message!(UdpPacket(from, at, bytes) => {
                        let _ = tell.send(News::Came { at, from, bytes });
                    }),
                    on_absence!(),
                ),
                tell_bound,
            )
        };
        let ran = beside(boot, async {
            inbox.bound().await;
            voice.send(&handle, peer.address(), "question");
            let (_, client) = peer.receive().await;
            let client = SocketAddr::new([127, 0, 0, 1].into(), client.port());
            stranger.send(client, b"forged").await;
            peer.send(client, b"answer").await;
            assert_eq!(inbox.came().await, (peer.address().into(), "answer".into()));
        });
        ran.await.expect("it ends in order");
    });
}

#[test]
fn a_port_is_free_again_when_nobody_wants_it() {
    block_on(async {
        let (tell, mut inbox) = news();
        let (voice, herald) = voice();
        let boot = move || {
            let session = transition_no_state!(echo(), subscriber!(Leave, on_message!(_ => quit())));
            transition_no_state!(udp::driver(), herald, tells_bound(&ANY, tell), spawn!(session))
        };
        let ran = beside(boot, async {
            let server = inbox.bound().await;
            assert!(UdpSocket::bind(server).await.is_err(), "it is taken");
            voice.say(&Leave);
            assert!(matches!(inbox.next().await, News::Gone(ANY, why) if why.is_normal()));
            UdpSocket::bind(server).await.expect("it is free");
        });
        ran.await.expect("it ends in order");
    });
}

/// A process that hears of it can bind another socket there, at once; and what was said last is
/// sent.
#[test]
fn a_socket_is_closed_when_its_absence_is_heard() {
    block_on(async {
        let (tell, mut inbox) = news();
        let (voice, herald) = voice();
        let (opened, was_opened) = std::sync::mpsc::channel();
        let peer = Peer::new().await;
        let there = UdpAddress::from(peer.address());
        let boot = move || {
            transition_no_state!(
                udp::driver(),
                herald,
                tells_bound(&ANY, tell),
                spawn!(transition_no_state!(
                    echo(),
                    subscriber!(
                        Leave,
                        on_message!(_ => (send_message!(UdpPacket(ANY, there, bytes::Bytes::from("bye"))), quit()))
                    ),
                )),
                observe_publishers!(
                    UdpBound { socket: ANY, .. },
                    match_conversation!(UdpBound { local, .. } => on_absence!({
                        let local = local.to_socket_addr().expect("a remote").expect("a numeric address");
                        let _ = opened.send(std::net::UdpSocket::bind(local).map(drop));
                    })),
                ),
            )
        };
        let ran = beside(boot, async {
            inbox.bound().await;
            voice.say(&Leave);
            assert_eq!(inbox.next().await, News::Gone(ANY, Reason::Normal));
            assert_eq!(peer.receive().await.0, b"bye");
            was_opened.recv().unwrap().unwrap();
        });
        ran.await.expect("it ends in order");
    });
}
