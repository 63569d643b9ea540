//! UDP: an echo.

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::udp::{self, UdpAddress, UdpBound, UdpPacket};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::lines;

fn echo(tell: UnboundedSender<u16>) -> Transition<()> {
    transition_no_state!(
        udp::driver(),
        subscriber!(
            UdpPacket(_, UdpAddress::Listener(0), _),
            on_message!(UdpPacket(from, to, body) => send_message!(UdpPacket(to, from, body))),
        ),
        subscriber!(
            UdpBound { socket: UdpAddress::Listener(0), .. },
            match_conversation!(UdpBound { local: UdpAddress::Remote(_, port), .. } => on_presence!({
                let _ = tell.send(port);
            })),
        ),
    )
}

/// Sends these bytes as datagrams, and expects each back as it was.
pub(crate) fn check(data: &[u8]) {
    send_and_expect(&lines::pieces(data));
}

/// The check with one datagram.
pub(crate) fn check_datagram(datagram: &[u8]) {
    send_and_expect(&[datagram, b""]);
}

fn send_and_expect(datagrams: &[&[u8]]) {
    let (tell, mut told) = unbounded_channel();
    let client = async {
        let port = told.recv().await.expect("it is open");
        let client = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        client.connect(("127.0.0.1", port)).await.expect("an address");
        let mut back = vec![0; 65_536];
        for datagram in datagrams {
            client.send(datagram).await.expect("it fits");
            let len = client.recv(&mut back).await.expect("an answer");
            assert_eq!(&back[..len], *datagram);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(ground::run(move |_| echo(tell), client));
    assert_eq!(ended, Ok(()));
}
