//! A line that is too long is skipped, where a session asks for that.

use std::net::SocketAddr;

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{beside, beside_others, connect, in_brackets, news, server, tell_listening};

const LIMIT: usize = 10;

/// Says the length of a line that was skipped in angles.
fn bracketer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    in_brackets(TcpMode::ShortLines, from, to)
}

/// Runs a server of such sessions beside a client.
fn with_client<F: Future<Output = ()>>(client: impl FnOnce(SocketAddr) -> F) {
    beside_others(async {
        let (tell, mut inbox) = news();
        let boot = move || {
            transition_no_state!(
                tcp::driver().line_limit(LIMIT),
                tell_listening(0, tell),
                server(0, bracketer)
            )
        };
        beside(boot, async { client(inbox.listening().await).await }).await.unwrap();
    });
}

async fn hears(client: &mut TcpStream, expected: &str) {
    let mut heard = vec![0; expected.len()];
    client.read_exact(&mut heard).await.unwrap();
    assert_eq!(String::from_utf8(heard).unwrap(), expected);
}

#[test]
fn a_line_that_is_too_long_is_skipped_and_its_session_goes_on() {
    with_client(async |address| {
        let mut client = connect(address).await;
        client.write_all(b"one\r\n01234567890\r\n0123456789\r\ntwo\n").await.unwrap();
        hears(&mut client, "[one]<11>[0123456789][two]").await;
        client.write_all(b"0123456789").await.unwrap();
        client.write_all(b"0123456789").await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "<20>");
    });
}

/// The line is longer than all buffers on its way, so that it is sent only because it is read.
#[test]
fn a_line_of_many_megabytes_is_counted_while_others_are_answered() {
    const PIECE: usize = 1024 * 1024;
    const PIECES: usize = 32;
    with_client(async |address| {
        let (mut long, mut other) = (connect(address).await, connect(address).await);
        let piece = vec![b'x'; PIECE];
        for _ in 0..PIECES {
            long.write_all(&piece).await.unwrap();
            other.write_all(b"and I?\n").await.unwrap();
            hears(&mut other, "[and I?]").await;
        }
        long.write_all(b"\nmore\n").await.unwrap();
        hears(&mut long, &format!("<{}>[more]", PIECE * PIECES)).await;
    });
}
