//! Questions and answers: `ask().await`.

use std::sync::Arc;

use harness::{ASKERS, Latch, PIPELINE, Run, block_on};
use kameo::prelude::*;

#[derive(Actor)]
struct Counter(u64);

struct Add(u64);

impl Message<Add> for Counter {
    type Reply = u64;

    async fn handle(&mut self, Add(n): Add, _: &mut Context<Self, u64>) -> u64 {
        self.0 = self.0.wrapping_add(n);
        self.0
    }
}

pub(crate) fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(200_000).div_ceil(n);
        let samples = block_on(async {
            let (latch, counter) = (Latch::new(), Counter::spawn(Counter(0)));
            let begin = async || {
                for _ in 0..n {
                    tokio::spawn(caller(each, counter.clone(), latch.clone()));
                }
            };
            run.warm_samples().of_work(n * each, n, &latch, begin).await
        });
        run.record(&[("n", n.into()), ("via", "ask".into())], "answer", samples);
    }
}

async fn caller(questions: u64, counter: ActorRef<Counter>, latch: Arc<Latch>) {
    for _ in 0..questions {
        counter.ask(Add(1)).await.expect("it answers");
    }
    latch.hit();
}

/// Answers with the reference to itself.
#[derive(Actor)]
struct Step;

struct Next;

impl Message<Next> for Step {
    type Reply = ActorRef<Self>;

    async fn handle(&mut self, _: Next, context: &mut Context<Self, ActorRef<Self>>) -> ActorRef<Self> {
        context.actor_ref().clone()
    }
}

/// Each message waits for the answer of the one before.
pub(crate) fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let samples = block_on(async {
        let (latch, first) = (Latch::new(), Step::spawn(Step));
        let begin = async || {
            let (first, last) = (first.clone(), latch.clone());
            tokio::spawn(async move {
                for _ in 0..walks {
                    let mut at = first.clone();
                    for _ in 0..PIPELINE {
                        at = at.ask(Next).await.expect("it answers");
                    }
                }
                last.hit();
            });
        };
        run.warm_samples().of_work(walks, 1, &latch, begin).await
    });
    run.record(&[("via", "ask".into())], "pipeline", samples);
}
