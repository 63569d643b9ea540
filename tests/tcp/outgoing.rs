//! Connections that processes ask for.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpPacket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

use crate::support::{
    Inbox, News, beside, beside_others, connect, echoer, news, order, orders, quits_at, server,
    tell_listening,
};

/// Says one thing once it is connected, half-closes, and tells what it hears.
fn client(there: TcpAddress, word: Bytes, tell: UnboundedSender<News>) -> Transition<()> {
    let here = TcpAddress::handle("client");
    let also = tell.clone();
    transition_no_state!(
        publisher!(
            TcpChannel(here, there, _),
            on_presence!((
                send_message!(TcpChannel(here, there, TcpPacket::from(word.clone()))),
                send_message!(TcpChannel(here, there, TcpPacket::Eof)),
            )),
        ),
        subscriber!(
            TcpChannel(there, here, _),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(data)) => {
                    let _ = tell.send(News::Said(std::str::from_utf8(&data)?.into()));
                },
                TcpChannel(_, _, TcpPacket::Eof) => {
                    let _ = tell.send(News::Said("eof".into()));
                },
            ),
            match_reason!(reason: Reason => on_absence!({
                let _ = also.send(News::Went(there.clone(), reason));
                quit()
            })),
        ),
    )
}

async fn hears_hello(inbox: &mut Inbox) {
    assert_eq!(inbox.next().await, News::Said("hello".into()));
    assert_eq!(inbox.next().await, News::Said("eof".into()));
    assert_eq!(inbox.gone().await.1, Reason::Normal);
}

#[test]
fn a_process_talks_to_a_server_outside() {
    beside_others(async {
        let outside = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = outside.local_addr().unwrap();
        let (tell, mut inbox) = news();
        let boot = move || {
            let there = TcpAddress::remote("localhost", address.port());
            transition_no_state!(tcp::driver(), spawn!(client(there, Bytes::from("hello"), tell)))
        };
        beside(boot, async {
            let (mut socket, _) = outside.accept().await.unwrap();
            let mut heard = String::new();
            socket.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "hello");
            socket.write_all(b"hello").await.unwrap();
            drop(socket);
            hears_hello(&mut inbox).await;
        })
        .await
        .unwrap();
    });
}

async fn talks_to_itself(bind: IpAddr) {
    let (tell, mut inbox) = news();
    let boot = move || {
        let (tell, also) = (tell.clone(), tell);
        transition_no_state!(
            tcp::driver().bind(bind),
            server(0, echoer),
            tell_listening(0, tell),
            observe_publishers!(
                tcp::TcpListening { listener: TcpAddress::Listener(0), local: _ },
                match_conversation!(tcp::TcpListening { listener: _, local } =>
                on_presence!({
                    let tell = also.clone();
                    spawn!(client(local, Bytes::from("hello"), tell))
                })),
            ),
        )
    };
    beside(boot, async {
        inbox.listening().await;
        hears_hello(&mut inbox).await;
    })
    .await
    .unwrap();
}

#[test]
fn a_program_talks_to_itself() {
    beside_others(async {
        talks_to_itself(IpAddr::from([127, 0, 0, 1])).await;
    });
}

#[test]
fn a_program_talks_to_itself_over_ipv6() {
    beside_others(async {
        if TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, 0))).await.is_ok() {
            talks_to_itself(Ipv6Addr::LOCALHOST.into()).await;
        }
    });
}

#[test]
fn a_process_that_leaves_closes_its_connection() {
    beside_others(async {
        let outside = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpAddress::from(outside.local_addr().unwrap());
        let (say, herald) = orders();
        let boot = move || {
            let here = TcpAddress::handle("here");
            transition_no_state!(
                tcp::driver(),
                herald,
                spawn!(transition_no_state!(
                    publisher!(TcpChannel(here, there, _)),
                    subscriber!(TcpChannel(there, here, _)),
                    quits_at("leave"),
                )),
            )
        };
        beside(boot, async {
            let (mut socket, _) = outside.accept().await.unwrap();
            say.send(order("leave")).unwrap();
            assert_eq!(socket.read(&mut [0]).await.unwrap(), 0);
        })
        .await
        .unwrap();
    });
}

#[test]
fn the_default_address_is_loopback() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), server(0, echoer), tell_listening(0, tell));
        beside(boot, async {
            let address = inbox.listening().await;
            assert_eq!(address.ip(), IpAddr::from([127, 0, 0, 1]));
            connect(address).await;
        })
        .await
        .unwrap();
    });
}
