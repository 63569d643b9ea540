//! A server on one thread, a client on another, with a connection of two parties.

use std::cell::{Cell, OnceCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};

use capnp::Error;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use capnp_rpc::{RpcSystem, new_client, new_client_from_rc};
use harness::{IN_FLIGHT, PIPELINE, Run, Stopwatch, relay};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::objects_capnp::{bank, counter, step};
use crate::{Counter, Step};

struct Bank {
    counter: counter::Client,
    step: step::Client,
}

impl bank::Server for Bank {
    async fn counter(
        self: Rc<Self>,
        _: bank::CounterParams,
        mut answer: bank::CounterResults,
    ) -> Result<(), Error> {
        answer.get().set_counter(self.counter.clone());
        Ok(())
    }

    async fn step(self: Rc<Self>, _: bank::StepParams, mut answer: bank::StepResults) -> Result<(), Error> {
        answer.get().set_step(self.step.clone());
        Ok(())
    }
}

fn serve(at: &Sender<SocketAddr>) {
    on_this_thread(async {
        let counter = new_client(Counter(Cell::new(0)));
        let known = Rc::new(Step(OnceCell::new()));
        let step: step::Client = new_client_from_rc(known.clone());
        let _ = known.0.set(step.clone());
        let bank: bank::Client = new_client(Bank { counter, step });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let _ = at.send(listener.local_addr().expect("it listens"));
        while let Ok((stream, _)) = listener.accept().await {
            spawn_local(RpcSystem::new(Box::new(network(stream, Side::Server)), Some(bank.clone().client)));
        }
    });
}

fn network(stream: TcpStream, side: Side) -> VatNetwork<impl futures::AsyncRead + Unpin> {
    let _ = stream.set_nodelay(true);
    let (reads, writes) = stream.into_split();
    VatNetwork::new(reads.compat(), writes.compat_write(), side, Default::default())
}

async fn connect(to: SocketAddr) -> bank::Client {
    let stream = TcpStream::connect(to).await.expect("a server");
    let mut system = RpcSystem::new(Box::new(network(stream, Side::Client)), None);
    let bank: bank::Client = system.bootstrap(Side::Server);
    spawn_local(system);
    bank
}

async fn counter_of(bank: &bank::Client) -> counter::Client {
    let answer = bank.counter_request().send().promise.await.expect("an answer");
    answer.get().and_then(|answer| answer.get_counter()).expect("a counter")
}

async fn call(counter: &counter::Client) {
    let mut question = counter.add_request();
    question.get().set_n(1);
    question.send().promise.await.expect("an answer");
}

pub(crate) fn run(run: &Run) {
    let (said, at) = channel();
    std::thread::spawn(move || serve(&said));
    let server = at.recv().expect("it listens");
    on_this_thread(async {
        let bank = connect(server).await;
        let counter = counter_of(&bank).await;

        let (calls, mut samples) = (run.operations(10_000), run.warm_samples());
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..calls {
                call(&counter).await;
            }
            samples.push(watch.each_of(calls));
        }
        run.record(&[("of", "a call".into())], "call", samples);

        let (bursts, mut samples) = (run.operations(50), run.warm_samples());
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..bursts {
                futures::future::join_all((0..IN_FLIGHT).map(|_| call(&counter))).await;
            }
            samples.push(watch.each_of(bursts * IN_FLIGHT));
        }
        run.record(&[("of", "calls in flight".into())], "call", samples);

        let (walks, mut samples) = (run.operations(1_000), run.warm_samples());
        let first = bank.step_request().send().promise.await.expect("an answer");
        let first = first.get().and_then(|answer| answer.get_step()).expect("a step");
        while samples.more() {
            let watch = Stopwatch::start();
            for _ in 0..walks {
                let mut answer = first.next_request().send();
                for _ in 1..PIPELINE {
                    answer = answer.pipeline.get_step().next_request().send();
                }
                answer.promise.await.expect("an answer");
            }
            samples.push(watch.each_of(walks));
        }
        run.record(&[("of", "a pipeline".into())], "pipeline", samples);
        run.leave_out(&[("of", "messages without answers".into())], "every call has an answer");

        let relay = relay(server);
        let bank = connect(relay.at).await;
        let counter = counter_of(&bank).await;
        call(&counter).await;
        let before = relay.bytes();
        for _ in 0..IN_FLIGHT {
            call(&counter).await;
        }
        let bytes = (relay.bytes() - before) as f64 / IN_FLIGHT as f64;
        run.record_bytes(&[("of", "bytes of a call".into())], "call", bytes);
    });
}

fn on_this_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(LocalSet::new().run_until(work))
}
