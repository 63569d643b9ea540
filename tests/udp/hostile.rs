//! Peers that send what they like.

use marketplace::prelude::*;
use marketplace_drivers::udp::{self, UdpAddress, UdpPacket};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::*;

const ANY: UdpAddress = UdpAddress::Listener(0);

/// An echo server at a listener, which is attacked, and a handle that somebody else talks to.
fn program() -> (Inbox, Inbox, impl FnOnce() -> Transition<()> + Send + 'static) {
    let (tell, attacked) = news();
    let (tell_other, other) = news();
    let boot = move || {
        let handle = UdpAddress::handle("other");
        transition_no_state!(
            udp::driver(),
            tells_bound(&ANY, tell),
            subscriber!(
                UdpPacket(_, ANY, _),
                on_message!(UdpPacket(from, to, bytes) => send_message!(UdpPacket(to, from, bytes))),
                on_absence!(),
            ),
            tells_bound(&handle, tell_other.clone()),
            tells_heard(&handle, tell_other),
        )
    };
    (attacked, other, boot)
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![Just(0), Just(1), Just(65507), 0..2000usize, 0..=65507usize];
    vec(size, 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_flood_touches_no_other_socket(sizes in sizes()) {
        block_on(async {
            let (mut attacked, mut other, boot) = program();
            let ran = beside(boot, async {
                let (target, quiet) = (attacked.bound().await, other.bound().await);
                let (attacker, friend) = (Peer::new().await, Peer::new().await);
                let bytes = vec![0xAA; 65507];
                for (n, size) in sizes.iter().enumerate() {
                    attacker.send(target, &bytes[..*size]).await;
                    if n % 16 == 0 {
                        friend.send(quiet, &n.to_be_bytes()).await;
                        let (from, came) = other.came().await;
                        assert_eq!((from, &came[..]), (friend.address().into(), &n.to_be_bytes()[..]));
                    }
                }
                // The attacked one has lost what the kernel had no room for, and serves whoever
                // comes next. (Its buffer may still be full.)
                let answer = async {
                    loop {
                        friend.send(target, b"and me?").await;
                        let mut back = [0; 7];
                        tokio::select! {
                            _ = friend.0.recv_from(&mut back) => break back,
                            () = tokio::task::yield_now() => {}
                        }
                    }
                };
                let back = tokio::time::timeout(TOO_LONG, answer).await.expect("it answers in time");
                assert_eq!(&back, b"and me?");
            });
            ran.await.expect("it ends in order");
        });
    }
}
