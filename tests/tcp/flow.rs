//! Lines, credit, acknowledgements and places, as sessions ask for them.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpFeedback, TcpMode, TcpPacket, TcpSignal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    News, beside, beside_others, connect, echoer, in_brackets, news, server, speech, tell_connections,
    tell_listening,
};

fn bracketer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    in_brackets(TcpMode::Lines, from, to)
}

/// The session in a VM inside.
fn nested(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        at_meta_level!(send_feedback!(TcpFeedback(from, to, TcpSignal::Mode(TcpMode::Lines)))),
        at_meta_level!(publisher!(TcpChannel(to, from, _))),
        at_meta_level!(subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => at_meta_level!(send_message!(TcpChannel(
                    to,
                    from,
                    TcpPacket::from([b"[", &line[..], b"]"].concat())
                ))),
                TcpChannel(_, _, TcpPacket::Eof) =>
                    at_meta_level!(send_message!(TcpChannel(to, from, TcpPacket::Eof))),
            ),
        )),
    )
}

/// The client sent this in lines before anybody took the connection.
const EARLY: &[u8] = b"one\r\n\ntwo\nthree";
const BRACKETED: &str = "[one][][two][three]";

async fn early_client(address: std::net::SocketAddr) {
    let mut client = connect(address).await;
    client.write_all(EARLY).await.unwrap();
    client.shutdown().await.unwrap();
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, BRACKETED);
}

#[test]
fn a_mode_said_before_the_subscriber_holds_from_the_first_packet_on() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, bracketer));
        beside(boot, async {
            let address = inbox.listening().await;
            for _ in 0..20 {
                early_client(address).await;
            }
        })
        .await
        .unwrap();
    });
}

#[test]
fn it_does_in_a_vm_inside_too() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver(),
                tell_listening(0, tell),
                spawn_vm!(at_meta_level!(observe_publishers!(
                    TcpChannel(_, TcpAddress::Listener(0), _),
                    match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(nested(from, to)))),
                ))),
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            for _ in 0..20 {
                early_client(address).await;
            }
        })
        .await
        .unwrap();
    });
}

/// Answers the first of two lines.
fn terse(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        send_feedback!(TcpFeedback(from, to, TcpSignal::Mode(TcpMode::Lines))),
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(b"a")) => send_message!(TcpChannel(to, from, TcpPacket::from("A"))),
                TcpChannel(_, _, _) => (),
            ),
        ),
    )
}

#[test]
fn an_answer_that_waited_for_one_that_does_not_come_is_written() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, terse));
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"a\nb\n").await.unwrap();
            assert_eq!(client.read_u8().await.unwrap(), b'A');
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_line_that_is_too_long_ends_its_connection_and_no_other() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver().line_limit(10),
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, bracketer)
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let mut other = connect(address).await;
            other.write_all(b"0123456789\r\n").await.unwrap();
            let mut heard = [0; 12];
            other.read_exact(&mut heard).await.unwrap();
            let mut client = connect(address).await;
            client.write_all(b"01234567890").await.unwrap();
            assert_eq!(inbox.gone().await.1, Reason::value(&Symbol::new("line-too-long")));
            other.write_all(b"still here\n").await.unwrap();
            other.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"[still here]");
        })
        .await
        .unwrap();
    });
}

#[test]
fn who_finds_all_places_taken_waits_until_one_goes() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver().max_connections(2),
                tell_listening(0, tell.clone()),
                tell_connections(0, tell),
                server(0, echoer)
            )
        };
        beside(boot, async {
            let address = inbox.listening().await;
            let mut first = connect(address).await;
            let mut second = connect(address).await;
            let mut third = connect(address).await;
            third.write_all(b"3").await.unwrap();
            for _ in 0..20 {
                for client in [&mut first, &mut second] {
                    client.write_all(b"x").await.unwrap();
                    client.read_exact(&mut [0]).await.unwrap();
                }
            }
            assert!(matches!(inbox.next().await, News::Came(_)));
            assert!(matches!(inbox.next().await, News::Came(_)));
            assert!(third.try_read(&mut [0]).is_err(), "nobody has accepted it");
            drop(first);
            third.read_exact(&mut [0]).await.unwrap();
            assert!(matches!(inbox.next().await, News::Went(..)));
            assert!(matches!(inbox.next().await, News::Came(_)));
        })
        .await
        .unwrap();
    });
}

/// At most two steps are not acknowledged: with acknowledgements for a quarter of the limit, two of
/// them would never come.
const STEP: usize = 4096;
const STEPS: usize = 1000;

fn in_small_steps(from: TcpAddress, to: TcpAddress) -> Transition<(usize, usize)> {
    let step = TcpPacket::from(vec![7; STEP]);
    transition!(
        (2, 2 * STEP),
        publisher!(
            TcpChannel(to, from, _),
            match_state!((said, waiting): (usize, usize) => on_message!(
                TcpFeedback(_, _, TcpSignal::Written(bytes)) => {
                    let waiting = waiting - bytes as usize;
                    let fits = (2 * STEP - waiting) / STEP;
                    let more: ActionTree<_> = (0..fits.min(STEPS - said))
                        .map(|_| send_message!(TcpChannel(to, from, step)))
                        .collect();
                    transition!((said + more.len(), waiting + more.len() * STEP), more)
                },
            )),
        ),
        subscriber!(TcpChannel(from, to, _), on_absence!(quit())),
        send_message!(TcpChannel(to, from, TcpPacket::from(vec![7; STEP]))),
        send_message!(TcpChannel(to, from, TcpPacket::from(vec![7; STEP]))),
    )
}

#[test]
fn small_acknowledgements_pace_a_sender_closely() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver().write_limit(16 * STEP).acknowledge_every(STEP as u64),
                tell_listening(0, tell),
                server(0, in_small_steps)
            )
        };
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            let mut heard = vec![0; 100];
            for _ in 0..STEPS * STEP / 100 {
                client.read_exact(&mut heard).await.unwrap();
            }
            client.read_exact(&mut heard[..STEPS * STEP % 100]).await.unwrap();
        })
        .await
        .unwrap();
    });
}

/// Floods, half lines, resets, byte by byte: who behaves hears its own lines, and nothing else.
#[test]
fn hostile_peers_disturb_nobody() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, bracketer));
        beside(boot, async {
            let address = inbox.listening().await;
            let mut good = connect(address).await;
            good.set_nodelay(true).unwrap();
            for round in 0..40 {
                let bad = connect(address).await;
                let words = match round % 4 {
                    0 => speech(round, 100_000),
                    1 => vec![b'x'; 200_000],
                    2 => vec![b'\n'; 5000],
                    _ => b"half a line".to_vec(),
                };
                let _ = bad.try_write(&words);
                for byte in b"slowly\n" {
                    good.write_all(&[*byte]).await.unwrap();
                }
                let mut heard = [0; 8];
                good.read_exact(&mut heard).await.unwrap();
                assert_eq!(&heard, b"[slowly]");
                if round % 2 == 0 {
                    let _ = bad.set_zero_linger();
                }
            }
        })
        .await
        .unwrap();
    });
}

/// Answers a line and ends. The endpoint with which it listens goes before the one with which it
/// speaks.
fn says_goodbye(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        send_feedback!(TcpFeedback(from, to, TcpSignal::Mode(TcpMode::Lines))),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_message!(_ => (send_message!(TcpChannel(to, from, TcpPacket::from("bye"))), quit())),
        ),
        publisher!(TcpChannel(to, from, _)),
    )
}

/// The answer waited for another one, since more had been said than a line.
#[test]
fn an_answer_that_waits_when_its_session_ends_is_written() {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot =
            move || transition_no_state!(tcp::driver(), tell_listening(0, tell), server(0, says_goodbye));
        beside(boot, async {
            let mut client = connect(inbox.listening().await).await;
            client.write_all(b"quit\nmore").await.unwrap();
            let mut heard = String::new();
            client.read_to_string(&mut heard).await.unwrap();
            assert_eq!(heard, "bye");
        })
        .await
        .unwrap();
    });
}
