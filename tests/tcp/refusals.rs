//! Ports in use, nobody listening, names that nobody knows: whoever asked is told.

use std::net::TcpListener;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpDriver, TcpFailure, TcpListening};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{News, beside, beside_others, echoer, news, server};

#[test]
fn a_port_in_use_fails_who_does_not_handle_that() {
    beside_others(async {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let boot = move || transition_no_state!(tcp::driver(), server(port, echoer));
        let ended = beside(boot, std::future::pending()).await;
        let Err(GroundError::Boot(Reason::Refused(why))) = ended else { panic!("{ended:?}") };
        assert_eq!(TcpFailure::from_value(&why).unwrap().kind.as_str(), "AddrInUse");
    });
}

#[test]
fn a_port_in_use_is_a_refusal_of_listening_and_of_the_conversation() {
    beside_others(async {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let (tell, mut inbox) = news();
        let boot = move || {
            let (tell, also) = (tell.clone(), tell);
            let listener = TcpAddress::Listener(port);
            transition_no_state!(
                tcp::driver(),
                observe_publishers!(
                    TcpListening { listener: listener, .. },
                    match_reason!(Reason::Refused(_) => on_absence!({
                        let _ = tell.send(News::Said("not listening".into()));
                    })),
                ),
                observe_publishers!(
                    TcpChannel(_, listener, _),
                    match_reason!(Reason::Refused(_) => on_absence!({
                        let _ = also.send(News::Said("no conversation".into()));
                    })),
                ),
            )
        };
        beside(boot, async {
            assert_eq!(inbox.next().await, News::Said("not listening".into()));
            assert_eq!(inbox.next().await, News::Said("no conversation".into()));
        })
        .await
        .unwrap();
    });
}

/// Wants a connection, and has no clause for a refusal.
fn client(driver: TcpDriver, host: &str, port: u16) -> Transition<()> {
    let (here, there) = (TcpAddress::handle("client"), TcpAddress::remote(host, port));
    transition_no_state!(
        driver,
        publisher!(TcpChannel(here, there, _)),
        subscriber!(TcpChannel(there, here, _)),
    )
}

#[test]
fn a_refused_connect_is_a_refusal() {
    beside_others(async {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let ended = beside(move || client(tcp::driver(), "127.0.0.1", port), std::future::pending()).await;
        let Err(GroundError::Boot(Reason::Refused(why))) = ended else { panic!("{ended:?}") };
        assert_eq!(TcpFailure::from_value(&why).unwrap().kind.as_str(), "ConnectionRefused");
    });
}

#[test]
fn an_unresolved_name_is_a_refusal() {
    beside_others(async {
        let ended = beside(|| client(tcp::driver(), "name.invalid", 7), std::future::pending()).await;
        let Err(GroundError::Boot(Reason::Refused(why))) = ended else { panic!("{ended:?}") };
        assert_eq!(TcpFailure::from_value(&why).unwrap().kind.as_str(), "Unresolved");
    });
}

#[test]
fn a_host_that_swallows_packets_is_refused_in_time() {
    beside_others(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts, and there is room for one: the kernel throws away whatever else comes.
        let _first = TcpStream::connect(address).await.unwrap();
        let driver = tcp::driver().connect_within(Duration::from_millis(20));
        let ended = beside(move || client(driver, "127.0.0.1", address.port()), std::future::pending()).await;
        let Err(GroundError::Boot(Reason::Refused(why))) = ended else { panic!("{ended:?}") };
        assert_eq!(TcpFailure::from_value(&why).unwrap().kind.as_str(), "TimedOut");
    });
}
