//! Many clients of an echo server, each by itself.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{
    beside, beside_others, connect, echoer, news, server, speech, tell_connections, tell_listening,
};

const CLIENTS: usize = 200;

/// Says everything while it listens, half-closes, and hears until the end.
async fn converse(socket: TcpStream, speech: Vec<u8>) -> std::io::Result<()> {
    let (mut hear, mut say) = socket.into_split();
    let mut heard = Vec::with_capacity(speech.len());
    let said = async {
        for piece in speech.chunks(1000) {
            say.write_all(piece).await?;
        }
        say.shutdown().await
    };
    let (said, all) = tokio::join!(said, hear.read_to_end(&mut heard));
    said?;
    all?;
    assert!(heard == speech, "{} bytes of {} came back, or others", heard.len(), speech.len());
    Ok(())
}

#[test]
fn each_client_gets_its_own_bytes_back_in_order() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, echoer));
        beside(boot, async {
            let address = inbox.listening().await;
            let mut clients = JoinSet::new();
            for client in 0..CLIENTS {
                clients
                    .spawn(async move { converse(connect(address).await, speech(client, 50 * 1024)).await });
            }
            while let Some(client) = clients.join_next().await {
                client.unwrap().unwrap();
            }
        })
        .await
        .unwrap();
    });
}

/// Panics at the word "panic".
fn nervous(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, tcp::TcpPacket::Data(data)) => {
                assert!(&data[..] != b"panic", "as told");
                send_message!(TcpChannel(to, from, tcp::TcpPacket::Data(data)))
            }),
        ),
    )
}

#[test]
fn a_session_that_panics_leaves_the_others_alone() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, nervous)
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let mut clients = Vec::new();
            for _ in 0..CLIENTS {
                clients.push(connect(address).await);
            }
            for client in &mut clients {
                client.write_all(b"hello").await.unwrap();
            }
            let mut heard = [0; 5];
            for client in &mut clients {
                client.read_exact(&mut heard).await.unwrap();
            }
            clients[17].write_all(b"panic").await.unwrap();
            assert_eq!(clients[17].read(&mut heard).await.unwrap(), 0);
            clients.swap_remove(17);
            for client in &mut clients {
                client.write_all(b"still").await.unwrap();
            }
            for client in &mut clients {
                client.read_exact(&mut heard).await.unwrap();
                assert_eq!(&heard, b"still");
            }
        })
        .await
        .unwrap();
    });
}
