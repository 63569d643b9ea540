//! Peers that do not read, and processes that write on regardless.

use std::io::ErrorKind;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpFeedback, TcpPacket, TcpSignal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{
    News, Order, beside, beside_others, connect, echoer, news, order, orders, server, speech,
    tell_connections, tell_listening,
};

const MIB: usize = 1024 * 1024;

/// How much memory the process has, in bytes.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Lets the program do all it can: whatever is ready is served between the turns of this
/// conversation.
async fn round_trips(client: &mut TcpStream, times: usize) {
    for _ in 0..times {
        client.write_all(b"?").await.unwrap();
        client.read_exact(&mut [0]).await.unwrap();
    }
}

#[test]
fn a_peer_that_never_reads_stops_being_read_from() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, echoer));
        beside(boot, async {
            let address = inbox.listening().await;
            let mut other = connect(address).await;
            let deaf = connect(address).await;
            let before = memory();
            let (chunk, mut said, mut stuck) = (vec![7; MIB], 0, 0);
            // Stuck is who cannot say more however often the server had its turn.
            while stuck < 20 {
                match deaf.try_write(&chunk) {
                    Ok(bytes) => (said, stuck) = (said + bytes, 0),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => stuck += 1,
                    Err(error) => panic!("{error}"),
                }
                assert!(said < 256 * MIB, "the server reads on and on");
                round_trips(&mut other, 10).await;
            }
            let grown = memory().saturating_sub(before);
            assert!(grown < 64 * MIB, "{said} bytes said, memory grew by {grown}");
            // It has lost nothing: once it reads, everything comes back.
            let (mut hear, _say) = deaf.into_split();
            let mut heard = vec![0; said];
            hear.read_exact(&mut heard).await.unwrap();
            assert!(heard == vec![7; said]);
        })
        .await
        .unwrap();
    });
}

/// Says so much, in packets of so much, at once, when it hears anything.
fn chatterbox<const PACKETS: usize, const LEN: usize>(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(TcpChannel(_, _, TcpPacket::Data(_)) => {
                let packet = TcpPacket::from(vec![7; LEN]);
                (0..PACKETS).map(|_| send_message!(TcpChannel(to, from, packet))).collect::<ActionTree<_>>()
            }),
        ),
    )
}

#[test]
fn a_process_that_writes_on_regardless_loses_the_connection() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, chatterbox::<1000, 65536>)
            )
        };
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"go").await.unwrap();
            assert_eq!(inbox.gone().await.1, Reason::value(&Symbol::new("overrun")));
            // Missing bytes must not look like an end.
            let mut heard = Vec::new();
            assert!(client.read_to_end(&mut heard).await.is_err());
        })
        .await
        .unwrap();
    });
}

#[test]
fn many_small_packets_are_no_overrun() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, chatterbox::<20_000, 3>))
        };
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"go").await.unwrap();
            let mut heard = vec![0; 60_000];
            client.read_exact(&mut heard).await.unwrap();
        })
        .await
        .unwrap();
    });
}

/// Says this much, never more than half the limit ahead of what is acknowledged.
const MUCH: usize = 20 * MIB;

fn paced(from: TcpAddress, to: TcpAddress) -> Transition<usize> {
    transition!(
        0,
        publisher!(
            TcpChannel(to, from, _),
            match_state!(said: usize => on_message!(
                TcpFeedback(_, _, TcpSignal::Written(bytes)) => {
                    let packets = bytes as usize / 65536;
                    let more: ActionTree<_> = (0..packets.min((MUCH - said) / 65536))
                        .map(|_| send_message!(TcpChannel(to, from, TcpPacket::from(vec![7; 65536]))))
                        .collect();
                    transition!(said + more.len() * 65536, more)
                },
            )),
        ),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            match_state!(said: usize => on_message!(TcpChannel(_, _, TcpPacket::Data(_)) => {
                let more: ActionTree<_> = (0..8)
                    .map(|_| send_message!(TcpChannel(to, from, TcpPacket::from(vec![7; 65536]))))
                    .collect();
                transition!(said + 8 * 65536, more)
            })),
        ),
    )
}

#[test]
fn acknowledgements_pace_a_process_that_has_much_to_say() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, paced));
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"go").await.unwrap();
            let mut heard = vec![0; MUCH];
            client.read_exact(&mut heard).await.unwrap();
        })
        .await
        .unwrap();
    });
}

/// Tells what it hears; at an order, it says so to the driver.
fn picky(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
        subscriber!(
            Order(_),
            on_message!(
                Order("pause") => send_feedback!(TcpFeedback(from, to, TcpSignal::Pause)),
                Order("resume") => send_feedback!(TcpFeedback(from, to, TcpSignal::Resume)),
            ),
        ),
    )
}

#[test]
fn a_session_that_gives_no_credit_hears_nothing_until_it_does() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let (say, herald) = orders();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                herald,
                tell_listening(0, tell.clone()),
                server(0, picky),
                // An order comes round only after the sessions have heard it.
                subscriber!(
                    Order(_),
                    on_message!(Order(word) => {
                        let _ = tell.send(News::Said(word));
                    })
                ),
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let mut client = connect(address).await;
            round_trips(&mut client, 1).await;
            say.send(order("pause")).unwrap();
            assert_eq!(inbox.next().await, News::Said("pause".into()));
            let words = speech(3, 1000);
            client.write_all(&words).await.unwrap();
            // Sessions that come later are not paused: while one talks, the other would hear, too.
            let mut other = connect(address).await;
            round_trips(&mut other, 20).await;
            assert_eq!(client.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
            say.send(order("resume")).unwrap();
            let mut heard = vec![0; 1000];
            client.read_exact(&mut heard).await.unwrap();
            assert!(heard == words);
        })
        .await
        .unwrap();
    });
}
