//! How conversations end: by halves, by force, and with their listeners.

use marketplace::SharedError;
use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening, TcpPacket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedSender;

use crate::support::{
    News, beside, beside_others, connect, echoer, news, order, orders, quits_at, server, speech,
    tell_connections, tell_listening,
};

/// Hears everything before it says anything.
fn patient(from: TcpAddress, to: TcpAddress) -> Transition<Vec<TcpPacket>> {
    transition!(
        Vec::new(),
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            match_state!(heard: Vec<TcpPacket> => on_message!(
                TcpChannel(_, _, TcpPacket::Eof) => {
                    let answers = heard.into_iter().chain([TcpPacket::Eof]);
                    let say: ActionTree<_> =
                        answers.map(|packet| send_message!(TcpChannel(to, from, packet))).collect();
                    transition!(Vec::new(), say)
                },
                TcpChannel(_, _, data) => {
                    let mut heard = heard;
                    heard.push(data);
                    transition!(heard)
                },
            )),
        ),
    )
}

#[test]
fn a_client_that_half_closes_gets_everything() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, patient));
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            let speech = speech(1, 500 * 1024);
            client.write_all(&speech).await.unwrap();
            client.shutdown().await.unwrap();
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).await.unwrap();
            assert!(heard == speech);
        })
        .await
        .unwrap();
    });
}

/// Says "bye" and half-closes at the first word, and goes on listening.
fn mute(from: TcpAddress, to: TcpAddress, tell: UnboundedSender<News>) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(data)) if &data[..] == b"hello" => (
                    send_message!(TcpChannel(to, from, TcpPacket::from("bye"))),
                    send_message!(TcpChannel(to, from, TcpPacket::Eof)),
                    send_message!(TcpChannel(to, from, TcpPacket::from("too late"))),
                ),
                TcpChannel(_, _, TcpPacket::Data(data)) => {
                    let _ = tell.send(News::Said(std::str::from_utf8(&data)?.into()));
                },
                TcpChannel(_, _, TcpPacket::Eof) => {
                    let _ = tell.send(News::Said("eof".into()));
                },
            ),
        ),
    )
}

#[test]
fn a_session_that_half_closes_hears_the_rest() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tell_listening(0, tell.clone()),
                observe_publishers!(
                    TcpChannel(_, TcpAddress::Listener(0), _),
                    match_conversation!(TcpChannel(from, to, _) =>
                        on_presence!({
                            let tell = tell.clone();
                            spawn!(mute(from, to, tell))
                        }),
                        match_reason!(reason: Reason => on_absence!({
                            let _ = tell.send(News::Went(from, reason));
                        })),
                    ),
                ),
            )
        };
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"hello").await.unwrap();
            let mut heard = String::new();
            client.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "bye");
            client.write_all(b"and yet").await.unwrap();
            client.shutdown().await.unwrap();
            assert_eq!(inbox.next().await, News::Said("and yet".into()));
            assert_eq!(inbox.next().await, News::Said("eof".into()));
            assert_eq!(inbox.gone().await.1, Reason::Normal);
        })
        .await
        .unwrap();
    });
}

fn kind(reason: &Reason) -> Option<std::io::ErrorKind> {
    match reason {
        Reason::Error(error) => SharedError::downcast_ref::<std::io::Error>(error).map(std::io::Error::kind),
        _ => None,
    }
}

#[test]
fn a_reset_ends_the_flow_with_that_reason() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, echoer)
            )
        };
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"x").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
            let me = TcpAddress::from(client.local_addr().unwrap());
            client.set_zero_linger().unwrap();
            drop(client);
            let (who, why) = inbox.gone().await;
            assert_eq!((who, kind(&why)), (me, Some(std::io::ErrorKind::ConnectionReset)));
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_session_that_quits_is_flushed_and_closed() {
    beside_others(async {
        /// Says much and quits at once, with something unread.
        fn hasty(from: TcpAddress, to: TcpAddress) -> Transition<()> {
            transition_no_state!(
                publisher!(TcpChannel(to, from, _)),
                subscriber!(
                    TcpChannel(from, to, _),
                    on_message!(TcpChannel(_, _, _) => (
                        (0..10).map(|_| send_message!(TcpChannel(to, from, TcpPacket::from(vec![7; 100_000])))).collect::<ActionTree<_>>(),
                        quit(),
                    )),
                ),
            )
        }
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, hasty));
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            // More than the session reads before it quits: what it leaves unread must not cost the
            // client the answer.
            client.write_all(&[1; 100_000]).await.unwrap();
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).await.unwrap();
            assert!(heard == vec![7; 1_000_000], "{} bytes", heard.len());
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_listener_closes_with_its_last_observer_and_sessions_go_on() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let (say, herald) = orders();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                herald,
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                spawn!(transition_no_state!(server(0, echoer), quits_at("first"))),
                spawn!(transition_no_state!(
                    observe_publishers!(TcpChannel(_, TcpAddress::Listener(0), _)),
                    quits_at("second")
                )),
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let mut client = connect(address).await;
            client.write_all(b"1").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
            assert!(matches!(inbox.next().await, News::Came(_)));
            say.send(order("first")).unwrap();
            // The second one holds the port open; nobody serves it any more.
            let mut untaken = connect(address).await;
            assert!(matches!(inbox.next().await, News::Came(_)));
            say.send(order("second")).unwrap();
            assert_eq!(inbox.next().await, News::Closed(Reason::Normal));
            assert_eq!(untaken.read(&mut [0]).await.unwrap(), 0);
            client.write_all(b"2").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
            assert!(tokio::net::TcpStream::connect(address).await.is_err());
        })
        .await
        .unwrap();
    });
}

/// A process that hears of it can open the port, at once.
#[test]
fn a_port_is_closed_when_its_absence_is_heard() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let (say, herald) = orders();
        let boot = move || {
            let also = tell.clone();
            transition_no_state!(
                tcp::driver(),
                herald,
                tell_listening(0, tell),
                spawn!(transition_no_state!(server(0, echoer), quits_at("leave"))),
                observe_publishers!(
                    TcpListening { listener: TcpAddress::Listener(0), local: _ },
                    match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } =>
                    on_absence!({
                        let opened = std::net::TcpListener::bind((host.as_str(), port));
                        let _ = also.send(News::Said(format!("{:?}", opened.map(drop)).into()));
                    })),
                ),
            )
        };
        beside(boot, async {
            inbox.listening().await;
            say.send(order("leave")).unwrap();
            assert_eq!(inbox.next().await, News::Closed(Reason::Normal));
            assert_eq!(inbox.next().await, News::Said("Ok(())".into()));
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_connection_that_nobody_takes_is_closed_in_time() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                observe_publishers!(TcpChannel(_, TcpAddress::Listener(0), _)),
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let before = tokio::time::Instant::now();
            let mut client = connect(address).await;
            assert!(matches!(inbox.next().await, News::Came(_)));
            tokio::time::pause();
            let since = tokio::time::Instant::now();
            assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
            // Its time began in between.
            assert!(before.elapsed().as_secs() >= 10);
            assert!(since.elapsed().as_millis() <= 10_001, "{:?}", since.elapsed());
            assert_eq!(inbox.gone().await.1, Reason::value(&Symbol::new("untaken")));
        })
        .await
        .unwrap();
    });
}

#[test]
fn what_was_said_before_a_shutdown_arrives() {
    /// Says a megabyte at the first word.
    fn talker(from: TcpAddress, to: TcpAddress) -> Transition<()> {
        transition_no_state!(
            publisher!(TcpChannel(to, from, _)),
            subscriber!(
                TcpChannel(from, to, _),
                on_message!(TcpChannel(_, _, _) => {
                    let packet = TcpPacket::from(vec![7; 100_000]);
                    (0..10).map(|_| send_message!(TcpChannel(to, from, packet))).collect::<ActionTree<_>>()
                }),
            ),
        )
    }
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, talker));
        let (heard, hear) = tokio::sync::oneshot::channel();
        beside(boot, async {
            let address = inbox.listening().await;
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let mut client = socket.connect(address).await.unwrap();
            client.write_all(b"go").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
            tokio::spawn(async move {
                let mut rest = Vec::new();
                let read = client.read_to_end(&mut rest).await;
                heard.send(read.map(|_| rest)).unwrap();
            });
        })
        .await
        .unwrap();
        let rest = hear.await.unwrap().unwrap();
        assert!(rest == vec![7; 999_999], "{} bytes", rest.len());
    });
}
