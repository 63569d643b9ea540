//! Connections and listeners that are gone leave nothing behind.

use std::fs::File;
use std::os::fd::AsRawFd;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::support::{
    Census, News, Order, alone, beside, beside_others, connect, echoer, news, order, orders, quits_at,
    server, tell_connections, tell_listening, until,
};

const CLIENTS: usize = 10_000;

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn ten_thousand_clients_come_and_go() {
    alone(async {
        let (tell, mut inbox) = news();
        let census = Census::default();
        let taker = census.taker();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                taker,
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, echoer)
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let (endpoints, files) = (census.endpoints(), open_files());
            for _ in 0..CLIENTS / 100 {
                let mut clients = Vec::new();
                for _ in 0..100 {
                    clients.push(connect(address).await);
                }
                // Some say goodbye, some just fall silent.
                for client in clients.iter().step_by(2) {
                    client.set_zero_linger().unwrap();
                }
            }
            for _ in 0..CLIENTS {
                inbox.gone().await;
            }
            until(|| (census.endpoints(), open_files()) == (endpoints, files)).await;
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_listener_without_files_recovers_when_there_are_some() {
    alone(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, echoer));
        beside(boot, async {
            let address = inbox.listening().await;
            let sockets: Vec<_> = (0..3).map(|_| TcpSocket::new_v4().unwrap()).collect();
            let before = getrlimit(Resource::Nofile);
            let next = File::open("/dev/null").unwrap().as_raw_fd() as u64;
            setrlimit(Resource::Nofile, Rlimit { current: Some(next), ..before }).unwrap();
            let mut clients = Vec::new();
            for socket in sockets {
                clients.push(socket.connect(address).await.unwrap());
            }
            for client in &mut clients {
                client.write_all(b"x").await.unwrap();
            }
            // The server is as ready as it gets.
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
            assert!(clients[0].try_read(&mut [0]).is_err());
            setrlimit(Resource::Nofile, before).unwrap();
            for client in &mut clients {
                client.read_exact(&mut [0]).await.unwrap();
            }
        })
        .await
        .unwrap();
    });
}

#[test]
fn with_a_second_driver_by_mistake_the_first_serves_and_the_program_ends() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let (say, herald) = orders();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tcp::driver(),
                herald,
                spawn!(transition_no_state!(server(0, echoer), tell_listening(0, tell), quits_at("leave"))),
            )
        };
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"x").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
            assert!(inbox.is_empty(), "one port is open");
            drop(client);
            say.send(order("leave")).unwrap();
            drop(say);
            // Nobody stops it.
            std::future::pending().await
        })
        .await
        .unwrap();
    });
}

/// Waits for an order before it subscribes.
fn late(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(subscriber!(
        Order(_),
        on_message!(Order(_) => (
            publisher!(TcpChannel(to, from, _)),
            subscriber!(
                TcpChannel(from, to, _),
                on_absence!(quit()),
                on_vacancy!(quit()),
                on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
            ),
        )),
    ))
}

#[test]
fn a_client_that_left_before_its_session_subscribed() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let (say, herald) = orders();
        let census = Census::default();
        let taker = census.taker();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                taker,
                herald,
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, late)
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let endpoints = census.endpoints();
            for reset in [true, false] {
                let client = connect(address).await;
                assert!(matches!(inbox.next().await, News::Came(_)));
                if reset {
                    client.set_zero_linger().unwrap();
                }
                drop(client);
                say.send(order("subscribe")).unwrap();
                inbox.gone().await;
                until(|| census.endpoints() == endpoints).await;
            }
            // This time the connection itself is gone when the session subscribes.
            let mut client = connect(address).await;
            assert!(matches!(inbox.next().await, News::Came(_)));
            tokio::time::pause();
            assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
            inbox.gone().await;
            tokio::time::resume();
            say.send(order("subscribe")).unwrap();
            until(|| census.endpoints() == endpoints).await;
        })
        .await
        .unwrap();
    });
}
