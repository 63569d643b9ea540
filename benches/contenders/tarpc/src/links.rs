//! A server on one thread, a client on another.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};

use futures::future::join_all;
use futures::prelude::*;
use harness::{IN_FLIGHT, PIPELINE, Run, Stopwatch, relay};
use tarpc::client::Config;
use tarpc::context;
use tarpc::serde_transport::tcp;
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Bincode;
use tokio::runtime::Builder;

#[tarpc::service]
trait Counter {
    async fn add(n: u64) -> u64;
}

#[derive(Clone)]
struct Sum;

impl Counter for Sum {
    async fn add(self, _: context::Context, n: u64) -> u64 {
        n.wrapping_add(1)
    }
}

fn serve(at: &Sender<SocketAddr>) {
    on_this_thread(async {
        let listener = tcp::listen("127.0.0.1:0", Bincode::default).await.expect("a port");
        let _ = at.send(listener.local_addr());
        let mut connections = listener.filter_map(|connection| future::ready(connection.ok()));
        while let Some(connection) = connections.next().await {
            let calls = BaseChannel::with_defaults(connection).execute(Sum.serve());
            tokio::spawn(calls.for_each(|call| async move { drop(tokio::spawn(call)) }));
        }
    });
}

async fn connect(to: SocketAddr) -> CounterClient {
    let connection = tcp::connect(to, Bincode::default).await.expect("a server");
    let mut config = Config::default();
    config.max_in_flight_requests = 2 * IN_FLIGHT as usize;
    CounterClient::new(config, connection).spawn()
}

pub(crate) fn run(run: &Run) {
    let (said, at) = channel();
    std::thread::spawn(move || serve(&said));
    let server = at.recv().expect("it listens");
    on_this_thread(async {
        let client = connect(server).await;
        let call = async || client.add(context::current(), 1).await.expect("an answer");

        let (calls, mut samples) = (run.operations(10_000), run.warm_samples());
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..calls {
                call().await;
            }
            samples.push(watch.each_of(calls));
        }
        run.record(&[("of", "a call".into())], "call", samples);

        let (bursts, mut samples) = (run.operations(50), run.warm_samples());
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..bursts {
                join_all((0..IN_FLIGHT).map(|_| call())).await;
            }
            samples.push(watch.each_of(bursts * IN_FLIGHT));
        }
        run.record(&[("of", "calls in flight".into())], "call", samples);

        // Each call waits for the answer of the one before.
        let (walks, mut samples) = (run.operations(1_000), run.warm_samples());
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..walks {
                for _ in 0..PIPELINE {
                    call().await;
                }
            }
            samples.push(watch.each_of(walks));
        }
        run.record(&[("of", "a pipeline".into())], "pipeline", samples);
        run.leave_out(&[("of", "messages without answers".into())], "every call has an answer");

        let relay = relay(server);
        let client = connect(relay.at).await;
        let call = async || client.add(context::current(), 1).await.expect("an answer");
        call().await;
        let before = relay.bytes();
        for _ in 0..IN_FLIGHT {
            call().await;
        }
        let bytes = (relay.bytes() - before) as f64 / IN_FLIGHT as f64;
        run.record_bytes(&[("of", "bytes of a call".into())], "call", bytes);
    });
}

fn on_this_thread<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}
