//! Questions and answers: `call`.

use std::sync::Arc;

use harness::{ASKERS, Latch, PIPELINE, Run, block_on};
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call};

struct Counter;

enum Asked {
    Add(u64, RpcReplyPort<u64>),
    Next(RpcReplyPort<ActorRef<Self>>),
}

impl Actor for Counter {
    type Msg = Asked;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Asked>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        me: ActorRef<Asked>,
        asked: Asked,
        sum: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match asked {
            Asked::Add(n, answer) => {
                *sum = sum.wrapping_add(n);
                answer.send(*sum)?;
            }
            // It answers with the reference to itself.
            Asked::Next(answer) => answer.send(me)?,
        }
        Ok(())
    }
}

async fn counter() -> ActorRef<Asked> {
    Actor::spawn(None, Counter, ()).await.expect("it starts").0
}

pub(crate) fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(200_000).div_ceil(n);
        let samples = block_on(async {
            let (latch, counter) = (Latch::new(), counter().await);
            let begin = async || {
                for _ in 0..n {
                    tokio::spawn(caller(each, counter.clone(), latch.clone()));
                }
            };
            run.warm_samples().of_work(n * each, n, &latch, begin).await
        });
        run.record(&[("n", n.into()), ("via", "call".into())], "answer", samples);
    }
}

async fn caller(questions: u64, counter: ActorRef<Asked>, latch: Arc<Latch>) {
    for _ in 0..questions {
        call!(counter, Asked::Add, 1).expect("it answers");
    }
    latch.hit();
}

/// Each message waits for the answer of the one before.
pub(crate) fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let samples = block_on(async {
        let (latch, first) = (Latch::new(), counter().await);
        let begin = async || {
            let (first, last) = (first.clone(), latch.clone());
            tokio::spawn(async move {
                for _ in 0..walks {
                    let mut at = first.clone();
                    for _ in 0..PIPELINE {
                        at = call!(at, Asked::Next).expect("it answers");
                    }
                }
                last.hit();
            });
        };
        run.warm_samples().of_work(walks, 1, &latch, begin).await
    });
    run.record(&[("via", "call".into())], "pipeline", samples);
}
