//! Questions and answers: a bounded channel to a task, and a `oneshot` back.

use std::sync::Arc;

use harness::{ASKERS, CHAIN, Latch, PIPELINE, Run, block_on};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many messages a mailbox holds.
const MAILBOX: usize = 64;

struct Add {
    n: u64,
    answer: oneshot::Sender<u64>,
}

fn counter() -> Sender<Add> {
    let (to, mut from) = channel::<Add>(MAILBOX);
    tokio::spawn(async move {
        let mut sum = 0u64;
        while let Some(Add { n, answer }) = from.recv().await {
            sum = sum.wrapping_add(n);
            let _ = answer.send(sum);
        }
    });
    to
}

/// Asks when it is told how often.
async fn caller(mut begin: Receiver<u64>, counter: Sender<Add>, latch: Arc<Latch>) {
    while let Some(questions) = begin.recv().await {
        for _ in 0..questions {
            let (answer, answered) = oneshot::channel();
            let _ = counter.send(Add { n: 1, answer }).await;
            let _ = answered.await;
        }
        latch.hit();
    }
}

pub(crate) fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(200_000).div_ceil(n);
        let samples = block_on(async {
            let (latch, counter) = (Latch::new(), counter());
            let callers: Vec<_> = (0..n)
                .map(|_| {
                    let (to, begin) = channel(1);
                    tokio::spawn(caller(begin, counter.clone(), latch.clone()));
                    to
                })
                .collect();
            let begin = async || {
                for caller in &callers {
                    let _ = caller.send(each).await;
                }
            };
            run.warm_samples().of_work(n * each, n, &latch, begin).await
        });
        run.record(&[("n", n.into()), ("via", "mpsc and oneshot".into())], "answer", samples);
    }
}

/// As ping-pong, with mailboxes that are bounded.
pub(crate) fn tell(run: &Run) {
    let messages = run.operations(400_000);
    let samples = block_on(async {
        let latch = Latch::new();
        let ((to_a, from_b), (to_b, from_a)) = (channel::<u64>(MAILBOX), channel::<u64>(MAILBOX));
        for (mut from, to) in [(from_b, to_b), (from_a, to_a.clone())] {
            let latch = latch.clone();
            tokio::spawn(async move {
                while let Some(left) = from.recv().await {
                    match left {
                        1.. => drop(to.send(left - 1).await),
                        0 => latch.hit(),
                    }
                }
            });
        }
        let begin = async || {
            let _ = to_a.send(messages).await;
        };
        run.warm_samples().of_work(messages, 1, &latch, begin).await
    });
    run.record(&[("via", "bounded mpsc".into())], "message", samples);
}

/// Answers with the way to itself.
#[derive(Clone)]
struct Step(Sender<oneshot::Sender<Self>>);

fn step() -> Step {
    let (to, mut from) = channel::<oneshot::Sender<Step>>(MAILBOX);
    let me = Step(to);
    let itself = me.clone();
    tokio::spawn(async move {
        while let Some(answer) = from.recv().await {
            let _ = answer.send(itself.clone());
        }
    });
    me
}

/// Each message waits for the answer of the one before.
pub(crate) fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let samples = block_on(async {
        let (latch, first) = (Latch::new(), step());
        let begin = async || {
            let (first, last) = (first.clone(), latch.clone());
            tokio::spawn(async move {
                for _ in 0..walks {
                    let mut at = first.clone();
                    for _ in 0..PIPELINE {
                        let (answer, answered) = oneshot::channel();
                        let _ = at.0.send(answer).await;
                        let Ok(next) = answered.await else { return };
                        at = next;
                    }
                }
                last.hit();
            });
        };
        run.warm_samples().of_work(walks, 1, &latch, begin).await
    });
    run.record(&[("via", "mpsc and oneshot".into())], "pipeline", samples);
}

/// A task for each link, which waits for the one before.
pub(crate) fn chain(run: &Run) {
    let samples = block_on(async {
        let latch = Latch::new();
        let begin = async || {
            let (begin, mut link) = oneshot::channel::<u64>();
            for _ in 0..CHAIN {
                let (settle, next) = oneshot::channel();
                let before = std::mem::replace(&mut link, next);
                tokio::spawn(async move {
                    if let Ok(given) = before.await {
                        let _ = settle.send(given.wrapping_add(1));
                    }
                });
            }
            let latch_of_last = latch.clone();
            tokio::spawn(async move {
                if link.await.is_ok() {
                    latch_of_last.hit();
                }
            });
            let _ = begin.send(0);
        };
        run.warm_samples().of_work(CHAIN, 1, &latch, begin).await
    });
    run.record(&[("link", "calls".into()), ("via", "tasks and oneshot".into())], "promise", samples);
}
