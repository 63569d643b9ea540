//! Questions and answers: `send().await`.

use std::sync::Arc;

use harness::{ASKERS, Latch, PIPELINE, Run, block_on};
use xtra::prelude::*;
use xtra::spawn_tokio;

struct Counter(u64);

struct Add(u64);

impl Actor for Counter {
    type Stop = ();

    async fn stopped(self) {}
}

impl Handler<Add> for Counter {
    type Return = u64;

    async fn handle(&mut self, Add(n): Add, _: &mut Context<Self>) -> u64 {
        self.0 = self.0.wrapping_add(n);
        self.0
    }
}

pub(crate) fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(200_000).div_ceil(n);
        let samples = block_on(async {
            let (latch, counter) = (Latch::new(), spawn_tokio(Counter(0), Mailbox::unbounded()));
            let begin = async || {
                for _ in 0..n {
                    tokio::spawn(caller(each, counter.clone(), latch.clone()));
                }
            };
            run.warm_samples().of_work(n * each, n, &latch, begin).await
        });
        run.record(&[("n", n.into()), ("via", "send".into())], "answer", samples);
    }
}

async fn caller(questions: u64, counter: Address<Counter>, latch: Arc<Latch>) {
    for _ in 0..questions {
        counter.send(Add(1)).await.expect("it answers");
    }
    latch.hit();
}

/// Answers with its own address.
struct Step;

struct Next;

impl Actor for Step {
    type Stop = ();

    async fn stopped(self) {}
}

impl Handler<Next> for Step {
    type Return = Address<Self>;

    async fn handle(&mut self, _: Next, context: &mut Context<Self>) -> Address<Self> {
        context.mailbox().address().try_upgrade().expect("somebody asks it")
    }
}

/// Each message waits for the answer of the one before.
pub(crate) fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let samples = block_on(async {
        let (latch, first) = (Latch::new(), spawn_tokio(Step, Mailbox::unbounded()));
        let begin = async || {
            let (first, last) = (first.clone(), latch.clone());
            tokio::spawn(async move {
                for _ in 0..walks {
                    let mut at = first.clone();
                    for _ in 0..PIPELINE {
                        at = at.send(Next).await.expect("it answers");
                    }
                }
                last.hit();
            });
        };
        run.warm_samples().of_work(walks, 1, &latch, begin).await
    });
    run.record(&[("via", "send".into())], "pipeline", samples);
}
