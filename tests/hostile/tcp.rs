//! TCP in line mode.

use std::sync::{Arc, Mutex};

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::tcp::{
    self, TcpAddress, TcpChannel, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::lines;

/// How long a line may be.
pub(crate) const LIMIT: usize = 40;

type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

/// Hears one client to its end, and ends the program.
fn session(them: &TcpAddress, us: &TcpAddress, heard: Heard) -> ActionTree<()> {
    actions![
        send_feedback!(TcpFeedback(them, us, TcpSignal::Mode(TcpMode::Lines))),
        publisher!(TcpChannel(us, them, _)),
        subscriber!(
            TcpChannel(them, us, _),
            on_message!(
                TcpChannel(_, _, TcpPacket::Data(line)) => heard.lock().expect("no test fails here").push(line.to_vec()),
                TcpChannel(_, _, TcpPacket::Eof) => at_meta_level!(quit()),
            ),
            match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
        ),
    ]
}

fn server(heard: Heard, tell: UnboundedSender<u16>) -> Transition<()> {
    transition_no_state!(
        tcp::driver().line_limit(LIMIT),
        observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(0), _),
            match_conversation!(TcpChannel(them, us, _) => on_presence!(session(&them, &us, heard.clone()))),
        ),
        subscriber!(
            TcpListening { listener: TcpAddress::Listener(0), .. },
            match_conversation!(TcpListening { local: TcpAddress::Remote(_, port), .. } => on_presence!({
                let _ = tell.send(port);
            })),
        ),
    )
}

/// Sends these bytes in pieces, and compares what is heard with the model.
pub(crate) fn check(data: &[u8]) {
    let heard = Heard::default();
    let (tell, mut told) = unbounded_channel();
    let boot = {
        let heard = heard.clone();
        move |_| server(heard, tell)
    };
    let client = async {
        let port = told.recv().await.expect("it listens");
        let mut client = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
        client.set_nodelay(true).expect("a socket");
        for piece in lines::pieces(data) {
            // A client that has sent a line that is too long is not listened to any more.
            if client.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let _ = client.shutdown().await;
        std::future::pending::<()>().await;
    };
    let program = ground::run(boot, std::future::pending());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = program => ended,
            () = client => unreachable!("the client never ends"),
        }
    });
    let (expected, too_long) = lines::model(data, LIMIT);
    assert_eq!(*heard.lock().expect("no test fails here"), expected);
    let why = Reason::value(&Symbol::new("line-too-long"));
    assert_eq!(ended, if too_long { Err(GroundError::Quit(why)) } else { Ok(()) });
}
