//! Cap'n Proto, within one process and between two threads: its objects answer with promises, and a
//! message can go to an answer that has not come. Its tasks stay on one thread.

#![forbid(unsafe_code)]

mod links;

mod objects_capnp {
    include!(concat!(env!("OUT_DIR"), "/objects_capnp.rs"));
}

use std::cell::Cell;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use capnp::Error;
use capnp_rpc::new_client;
use harness::Work::{CanNot, Does};
use harness::{ASKERS, Latch, PIPELINE, Run, Samples, block_on};
use tokio::task::{LocalSet, spawn_local};

use objects_capnp::{counter, step};

const NO_PROCESSES: &str = "it has objects and their answers, and nothing else";

fn main() -> ExitCode {
    harness::contend(
        "capnp-rpc",
        &[
            ("pingpong", CanNot(NO_PROCESSES)),
            ("fanout", CanNot(NO_PROCESSES)),
            ("routing", CanNot(NO_PROCESSES)),
            ("wildcard", CanNot(NO_PROCESSES)),
            ("shapes", CanNot(NO_PROCESSES)),
            ("presence", CanNot(NO_PROCESSES)),
            ("spawn", CanNot(NO_PROCESSES)),
            ("idle", CanNot(NO_PROCESSES)),
            ("subscribed", CanNot(NO_PROCESSES)),
            ("chat", CanNot(NO_PROCESSES)),
            ("ask", Does(ask)),
            ("tell", CanNot("every message has an answer")),
            ("pipeline", Does(pipeline)),
            ("links", Does(links::run)),
            ("chain", CanNot("an answer is a future, which somebody has to wait for")),
        ],
    )
}

struct Counter(Cell<u64>);

impl counter::Server for Counter {
    async fn add(
        self: Rc<Self>,
        asked: counter::AddParams,
        mut answer: counter::AddResults,
    ) -> Result<(), Error> {
        self.0.set(self.0.get().wrapping_add(asked.get()?.get_n()));
        answer.get().set_sum(self.0.get());
        Ok(())
    }
}

fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(100_000).div_ceil(n);
        let samples = on_this_thread(async {
            let (latch, counter) = (Latch::new(), new_client::<counter::Client, _>(Counter(Cell::new(0))));
            let begin = async || {
                for _ in 0..n {
                    spawn_local(caller(each, counter.clone(), latch.clone()));
                }
            };
            run.warm_samples().of_work(n * each, n, &latch, begin).await
        });
        run.record(&[("n", n.into()), ("via", "in one process".into())], "answer", samples);
    }
}

async fn caller(questions: u64, counter: counter::Client, latch: Arc<Latch>) {
    for _ in 0..questions {
        let mut question = counter.add_request();
        question.get().set_n(1);
        question.send().promise.await.expect("it answers");
    }
    latch.hit();
}

/// Answers with the reference that it was given for itself.
struct Step(std::cell::OnceCell<step::Client>);

impl step::Server for Step {
    async fn next(self: Rc<Self>, _: step::NextParams, mut answer: step::NextResults) -> Result<(), Error> {
        let me = self.0.get().ok_or_else(|| Error::failed("it does not know itself".into()))?;
        answer.get().set_step(me.clone());
        Ok(())
    }
}

fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let samples = on_this_thread(async {
        let latch = Latch::new();
        let step = Rc::new(Step(std::cell::OnceCell::new()));
        let first: step::Client = capnp_rpc::new_client_from_rc(step.clone());
        let _ = step.0.set(first.clone());
        let begin = async || {
            let (first, last) = (first.clone(), latch.clone());
            spawn_local(async move {
                for _ in 0..walks {
                    let mut answer = first.next_request().send();
                    for _ in 1..PIPELINE {
                        answer = answer.pipeline.get_step().next_request().send();
                    }
                    answer.promise.await.expect("it answers");
                }
                last.hit();
            });
        };
        run.warm_samples().of_work(walks, 1, &latch, begin).await
    });
    run.record(&[("via", "in one process".into())], "pipeline", samples);
}

fn on_this_thread(work: impl Future<Output = Samples>) -> Samples {
    block_on(LocalSet::new().run_until(work))
}
