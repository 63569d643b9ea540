//! How many bytes a TCP connection takes that waits for its peer: its processes, its socket half,
//! and tokio's part.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::beside::{beside, block_on, news};
use crate::live;

const HERE: TcpAddress = TcpAddress::Listener(0);

const MANY: usize = 300;

/// Each connection has echoed a packet. Others have been there before, so that the figure is not
/// that of the first tables.
pub(crate) fn idle() -> usize {
    let (tell, mut inbox) = news();
    let boot = move || {
        transition_no_state!(
            tcp::driver(),
            observe_publishers!(
                TcpListening { listener: HERE, .. },
                match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } => on_presence!({
                    let _ = tell.send((host, port));
                })),
            ),
            observe_publishers!(
                TcpChannel(_, HERE, _),
                match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
            ),
        )
    };
    let mut each = 0;
    let test = async {
        let (host, port) = inbox.next().await;
        let mut clients = Vec::with_capacity(2 * MANY);
        let mut live_before = 0;
        for _ in 0..2 {
            live_before = live();
            for _ in 0..MANY {
                clients.push(connect(&host, port).await.expect("the server echoes"));
            }
        }
        each = (live() - live_before).div_ceil(MANY);
    };
    block_on(beside(boot, test)).expect("the program runs");
    each
}

fn echoer(from: TcpAddress, to: TcpAddress) -> Transition<()> {
    transition_no_state!(
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    )
}

/// The client's end has nothing on the heap.
async fn connect(host: &str, port: u16) -> std::io::Result<std::net::TcpStream> {
    let mut socket = TcpStream::connect((host, port)).await?;
    let mut answer = [0; 64];
    socket.write_all(&answer).await?;
    socket.read_exact(&mut answer).await?;
    socket.into_std()
}
