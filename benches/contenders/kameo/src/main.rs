//! kameo: a map of references, or the broker of kameo_actors, whose topics are globs.

mod actors;
mod asking;

use std::collections::HashMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use glob::Pattern;
use harness::Work::{CanNot, Does};
use harness::{
    Bursts, FANOUT, Latch, MANY, Numbers, ROUTING, Run, SPAWN_AMONG, Samples, Stopwatch, block_on, resident,
    settle,
};
use kameo::prelude::*;
use kameo_actors::DeliveryStrategy;
use kameo_actors::broker::{Broker, Publish, Subscribe};

use actors::{Ball, Guest, Leave, Listener, Partner, Player, Says};

fn main() -> ExitCode {
    harness::contend(
        "kameo",
        &[
            ("pingpong", Does(ping_pong)),
            ("fanout", Does(fan_out)),
            ("routing", Does(routing)),
            ("wildcard", Does(wildcard)),
            ("shapes", CanNot("a topic is one text")),
            ("presence", CanNot("nobody hears who is there, only that one who was linked ended")),
            ("spawn", Does(spawn)),
            ("idle", Does(idle)),
            ("subscribed", Does(subscribed)),
            ("ask", Does(asking::ask)),
            ("tell", Does(tell)),
            ("pipeline", Does(asking::pipeline)),
            ("chain", CanNot("an answer is a future, which somebody has to wait for")),
        ],
    )
}

fn listener(latch: &Arc<Latch>) -> ActorRef<Listener> {
    Listener::spawn(Listener::new(latch))
}

fn broker() -> ActorRef<Broker<Says>> {
    Broker::spawn(Broker::new(DeliveryStrategy::Guaranteed))
}

async fn subscribe(broker: &ActorRef<Broker<Says>>, topic: &str, listener: ActorRef<Listener>) {
    let topic = Pattern::new(topic).expect("a pattern");
    broker.ask(Subscribe { topic, recipient: listener.recipient::<Says>() }).await.expect("it is there");
}

fn ping_pong(run: &Run) {
    run.record(&[("message", "integer".into()), ("via", "tell".into())], "message", played(run));
}

/// Sends messages alone: a message that is told has no answer.
fn tell(run: &Run) {
    run.record(&[("via", "tell".into())], "message", played(run));
}

fn played(run: &Run) -> Samples {
    let messages = run.operations(200_000);
    let mut samples = run.warm_samples();
    block_on(async {
        let latch = Latch::new();
        let [a, b] = [(); 2].map(|()| Player::spawn(Player::new(&latch)));
        a.ask(Partner(b.clone())).await.expect("it plays");
        b.ask(Partner(a.clone())).await.expect("it plays");
        while samples.more() {
            latch.arm(1);
            let watch = Stopwatch::start();
            a.tell(Ball(messages)).await.expect("it plays");
            latch.wait().await;
            samples.push(watch.each_of(messages));
        }
        samples
    })
}

fn fan_out(run: &Run) {
    for n in run.sizes(&FANOUT) {
        let bursts = Bursts::of_deliveries(run.operations(200_000), n);
        let row = |via: &str, samples: Samples| {
            let parameters = [("n", n.into()), ("message", "integer".into()), ("via", via.into())];
            run.record(&parameters, "delivery", samples);
        };
        let samples = block_on(async {
            let latch = Latch::new();
            let listeners: Vec<_> = (0..n).map(|_| listener(&latch)).collect();
            let send = async |payload| {
                for listener in &listeners {
                    let _ = listener.tell(Says { topic: 7, payload }).await;
                }
            };
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        row("references", samples);
        let samples = block_on(async {
            let (latch, broker) = (Latch::new(), broker());
            for _ in 0..n {
                subscribe(&broker, "topic/7", listener(&latch)).await;
            }
            let send = async |payload| {
                let _ = broker
                    .tell(Publish { topic: "topic/7".into(), message: Says { topic: 7, payload } })
                    .await;
            };
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        row("broker", samples);
    }
}

fn routing(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 9_000) {
        let samples = block_on(async {
            let latch = Latch::new();
            let topics: HashMap<_, _> = (0..n).map(|topic| (topic, listener(&latch))).collect();
            settle().await;
            let mut numbers = Numbers::new();
            let send = async |payload| {
                let topic = numbers.below(n);
                let _ = topics[&topic].tell(Says { topic, payload }).await;
            };
            run.warm_samples().in_bursts(Bursts::of_messages(run.operations(200_000), 1), &latch, send).await
        });
        run.record(&[("n", n.into()), ("via", "map of references".into())], "message", samples);
    }
}

/// The broker looks at every pattern for every message.
fn wildcard(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 9_000) {
        let samples = block_on(async {
            let (latch, broker) = (Latch::new(), broker());
            for topic in 0..n / 2 {
                subscribe(&broker, &format!("topic/{topic}/x"), listener(&latch)).await;
                subscribe(&broker, &format!("topic/{topic}/*"), listener(&latch)).await;
            }
            let mut numbers = Numbers::new();
            let send = async |payload| {
                let topic = numbers.below(n / 2);
                let message = Says { topic, payload };
                let _ = broker.tell(Publish { topic: format!("topic/{topic}/x"), message }).await;
            };
            let messages = run.operations(200_000).min(4_000_000 / n);
            let bursts = Bursts::of_few_messages(messages, 2);
            run.samples().in_bursts(bursts, &latch, send).await
        });
        run.record(&[("n", n.into()), ("via", "broker".into())], "message", samples);
    }
}

fn spawn(run: &Run) {
    for n in run.sizes_that_fit(&SPAWN_AMONG, 9_000) {
        let samples = block_on(async {
            let latch = Latch::new();
            let others: Vec<_> = (0..n).map(|_| listener(&latch)).collect();
            settle().await;
            let spawn = async |_| {
                let _ = Guest::spawn(Guest(latch.clone())).tell(Leave).await;
            };
            let bursts = Bursts::of_messages(run.operations(50_000), 1);
            let samples = run.warm_samples().in_bursts(bursts, &latch, spawn).await;
            drop(others);
            samples
        });
        run.record(&[("n", n.into())], "process", samples);
    }
}

fn idle(run: &Run) {
    let bytes = block_on(async {
        let latch = Latch::new();
        let before = resident();
        let all: Vec<_> = (0..MANY).map(|_| listener(&latch)).collect();
        each(before, all).await
    });
    run.record_bytes(&[], "process", bytes);
}

fn subscribed(run: &Run) {
    let bytes = block_on(async {
        let (latch, broker) = (Latch::new(), broker());
        let before = resident();
        let all: Vec<_> = (0..MANY).map(|_| listener(&latch)).collect();
        for (topic, listener) in all.iter().enumerate() {
            subscribe(&broker, &format!("topic/{topic}"), listener.clone()).await;
        }
        each(before, (all, broker)).await
    });
    run.record_bytes(&[], "process", bytes);
}

/// When all have begun to wait: what each takes.
async fn each<T>(before: u64, all: T) -> f64 {
    settle().await;
    let bytes = resident().saturating_sub(before) as f64 / MANY as f64;
    black_box(all);
    bytes
}
