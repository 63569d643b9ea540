//! Questions and answers: `send().await`.

use std::sync::Arc;

use actix::prelude::*;
use harness::{ASKERS, Latch, PIPELINE, Run};

use crate::block_on;

struct Counter(u64);

#[derive(Message)]
#[rtype(result = "u64")]
struct Add(u64);

impl Actor for Counter {
    type Context = Context<Self>;
}

impl Handler<Add> for Counter {
    type Result = u64;

    fn handle(&mut self, Add(n): Add, _: &mut Context<Self>) -> u64 {
        self.0 = self.0.wrapping_add(n);
        self.0
    }
}

pub(crate) fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(200_000).div_ceil(n);
        let samples = block_on(async {
            let (latch, counter) = (Latch::new(), Counter(0).start());
            let begin = async || {
                for _ in 0..n {
                    actix::spawn(caller(each, counter.clone(), latch.clone()));
                }
            };
            run.warm_samples().of_work(n * each, n, &latch, begin).await
        });
        run.record(&[("n", n.into()), ("via", "send".into())], "answer", samples);
    }
}

async fn caller(questions: u64, counter: Addr<Counter>, latch: Arc<Latch>) {
    for _ in 0..questions {
        counter.send(Add(1)).await.expect("it answers");
    }
    latch.hit();
}

/// Answers with its own address.
struct Step;

#[derive(Message)]
#[rtype(result = "Addr<Step>")]
struct Next;

impl Actor for Step {
    type Context = Context<Self>;
}

impl Handler<Next> for Step {
    type Result = MessageResult<Next>;

    fn handle(&mut self, _: Next, context: &mut Context<Self>) -> MessageResult<Next> {
        MessageResult(context.address())
    }
}

/// Each message waits for the answer of the one before.
pub(crate) fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let samples = block_on(async {
        let (latch, first) = (Latch::new(), Step.start());
        let begin = async || {
            let (first, last) = (first.clone(), latch.clone());
            actix::spawn(async move {
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
