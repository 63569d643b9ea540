//! Ports in use, nobody listening, names that nobody knows: whoever asked is told.

use std::net::TcpListener;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpDriver, TcpFailure, TcpListening};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::{
    News, Order, TOO_LONG, beside, beside_others, connect, echoer, news, order, orders, quits_at, server,
    tell_listening,
};

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
                    on_refusal!({
                        let _ = tell.send(News::Said("not listening".into()));
                    }),
                ),
                observe_publishers!(
                    TcpChannel(_, listener, _),
                    on_refusal!({
                        let _ = also.send(News::Said("no conversation".into()));
                    }),
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

/// Serves each client from a server of its own, to which it connects.
fn proxy(upstream: u16) -> AddEndpoint<()> {
    let session = move |from: TcpAddress, to: TcpAddress| {
        let (here, there) =
            (TcpAddress::Handle(Fresh::new().into()), TcpAddress::remote("127.0.0.1", upstream));
        let client = actions![
            publisher!(TcpChannel(to, from, _)),
            subscriber!(TcpChannel(from, to, _), on_absence!(quit()), on_vacancy!(quit())),
        ];
        transition_no_state!(
            client,
            publisher!(TcpChannel(here, there, _)),
            subscriber!(TcpChannel(there, here, _)),
        )
    };
    observe_publishers!(
        TcpChannel(_, TcpAddress::Listener(0), _),
        match_conversation!(TcpChannel(from, to, _) => on_presence!({
            spawn!(session(from, to))
        })),
    )
}

/// A port at which nobody listens, and nobody else can while this is kept.
fn refusing() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

/// A session that dies of a refusal was there: its client sees it go.
#[test]
fn a_proxy_whose_upstream_refuses_closes_its_clients_connection() {
    beside_others(async {
        let (_taken, upstream) = refusing();
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), proxy(upstream), tell_listening(0, tell));
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            assert_eq!(timeout(TOO_LONG, client.read(&mut [0])).await.expect("it is closed").unwrap(), 0);
        })
        .await
        .unwrap();
    });
}

/// Holds the port open until it hears a word, or until it dies of a refusal.
fn user(word: &'static str) -> Spawn<()> {
    spawn!(transition_no_state!(
        observe_publishers!(TcpChannel(_, TcpAddress::Listener(0), _)),
        quits_at(word),
    ))
}

#[test]
fn a_port_whose_first_user_died_of_a_refusal_closes_with_the_second() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let (say, herald) = orders();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                herald,
                user("first"),
                user("second"),
                spawn!(transition_no_state!(subscriber!(
                    Order(Text::from("refuse")),
                    on_message!(_ => refuse(topic!(Order(Text::from("first"))), "no"))
                ))),
                tell_listening(0, tell),
            )
        };
        beside(boot, async {
            inbox.listening().await;
            say.send(order("refuse")).unwrap();
            say.send(order("second")).unwrap();
            assert_eq!(inbox.next().await, News::Closed(Reason::Normal));
            drop(say);
            // Nobody stops it.
            std::future::pending().await
        })
        .await
        .unwrap();
    });
}
