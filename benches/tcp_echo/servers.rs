//! The two servers, each on a thread of its own.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use marketplace::ground;
use marketplace::prelude::*;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel, TcpListening};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::{block_on, thread_cpu};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Duration>,
}

impl Server {
    fn start(run: impl FnOnce(mpsc::Sender<SocketAddr>, oneshot::Receiver<()>) + Send + 'static) -> Self {
        let (say, said) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            run(say, stopped);
            thread_cpu()
        });
        let address = said.recv().expect("the server listens");
        Self { address, stop, thread }
    }

    /// Ends the server. Says how much time it had on a processor.
    pub(crate) fn stop(self) -> Duration {
        let _ = self.stop.send(());
        self.thread.join().expect("the server ends")
    }
}

pub(crate) fn marketplace() -> Server {
    Server::start(|say, stopped| {
        let here = TcpAddress::Listener(0);
        let boot = move |_pid| {
            transition_no_state!(
                tcp::driver(),
                observe_publishers!(
                    TcpChannel(_, here, _),
                    match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
                ),
                observe_publishers!(
                    TcpListening { listener: here, .. },
                    match_conversation!(TcpListening { local: TcpAddress::Remote(host, port), .. } => on_presence!({
                        let _ = say.send(SocketAddr::new(host.parse()?, port));
                    })),
                ),
            )
        };
        block_on(ground::run(boot, async {
            let _ = stopped.await;
        }))
        .expect("the server ends well");
    })
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

pub(crate) fn bare() -> Server {
    Server::start(|say, mut stopped| {
        block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let _ = say.send(listener.local_addr().expect("it is bound"));
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    _ = &mut stopped => return,
                };
                let (mut socket, _) = accepted.expect("a client");
                let _ = socket.set_nodelay(true);
                tokio::spawn(async move {
                    let mut buffer = vec![0; 65_536];
                    while let Ok(read @ 1..) = socket.read(&mut buffer).await {
                        if socket.write_all(&buffer[..read]).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
    })
}
