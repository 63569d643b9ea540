//! xtra: a map of addresses; for fan-out, a mailbox that is shared.

mod actors;
mod asking;

use std::collections::HashMap;
use std::hint::black_box;
use std::process::ExitCode;

use harness::Work::{CanNot, Does};
use harness::{
    Bursts, FANOUT, Latch, MANY, Numbers, ROUTING, Run, SPAWN_AMONG, Samples, Stopwatch, block_on, resident,
    settle,
};
use xtra::prelude::*;
use xtra::spawn_tokio;

use actors::{Ball, Guest, Leave, Listener, Partner, Player, Says};

fn main() -> ExitCode {
    harness::contend(
        "xtra",
        &[
            ("pingpong", Does(ping_pong)),
            ("fanout", Does(fan_out)),
            ("routing", Does(routing)),
            ("wildcard", CanNot("no topics")),
            ("shapes", CanNot("no topics")),
            ("presence", CanNot("nobody hears who is there")),
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

fn ping_pong(run: &Run) {
    run.record(&[("message", "integer".into()), ("via", "send, detached".into())], "message", played(run));
}

/// Sends messages alone: it takes no answer.
fn tell(run: &Run) {
    run.record(&[("via", "send, detached".into())], "message", played(run));
}

fn played(run: &Run) -> Samples {
    let messages = run.operations(200_000);
    let mut samples = run.warm_samples();
    block_on(async {
        let latch = Latch::new();
        let [a, b] = [(); 2].map(|()| spawn_tokio(Player::new(&latch), Mailbox::unbounded()));
        a.send(Partner(b.clone())).await.expect("it plays");
        b.send(Partner(a.clone())).await.expect("it plays");
        while samples.more() {
            latch.arm(1);
            let watch = Stopwatch::start();
            let _ = a.send(Ball(messages)).detach().await;
            latch.wait().await;
            samples.push(watch.each_of(messages));
        }
        samples
    })
}

fn fan_out(run: &Run) {
    for n in run.sizes(&FANOUT) {
        let row = |via: &str, samples: Samples| {
            let parameters = [("n", n.into()), ("message", "integer".into()), ("via", via.into())];
            run.record(&parameters, "delivery", samples);
        };
        row("addresses", block_on(one_by_one(run, n)));
        row("broadcast", block_on(broadcast(run, n)));
    }
}

async fn one_by_one(run: &Run, n: u64) -> Samples {
    let latch = Latch::new();
    let listeners: Vec<_> =
        (0..n).map(|_| spawn_tokio(Listener::new(&latch), Mailbox::unbounded())).collect();
    let send = async |payload| {
        for listener in &listeners {
            let _ = listener.send(Says { topic: 7, payload }).detach().await;
        }
    };
    let bursts = Bursts::of_deliveries(run.operations(300_000), n);
    run.warm_samples().in_bursts(bursts, &latch, send).await
}

async fn broadcast(run: &Run, n: u64) -> Samples {
    let latch = Latch::new();
    let (address, mailbox) = Mailbox::<Listener>::unbounded();
    for _ in 0..n {
        tokio::spawn(xtra::run(mailbox.clone(), Listener::new(&latch)));
    }
    drop(mailbox);
    settle().await;
    let send = async |payload| {
        let _ = address.broadcast(Says { topic: 7, payload }).await;
    };
    // The time grows with the square of N.
    let deliveries = run.operations(300_000).min(1_000_000 / n);
    run.samples().in_bursts(Bursts::of_deliveries(deliveries, n), &latch, send).await
}

fn routing(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 1_500) {
        let samples = block_on(async {
            let latch = Latch::new();
            let address = |topic| (topic, spawn_tokio(Listener::new(&latch), Mailbox::unbounded()));
            let topics: HashMap<_, _> = (0..n).map(address).collect();
            let mut numbers = Numbers::new();
            let send = async |payload| {
                let topic = numbers.below(n);
                let _ = topics[&topic].send(Says { topic, payload }).detach().await;
            };
            let bursts = Bursts::of_messages(run.operations(200_000), 1);
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        run.record(&[("n", n.into()), ("via", "map of addresses".into())], "message", samples);
    }
}

fn spawn(run: &Run) {
    for n in run.sizes(&SPAWN_AMONG) {
        let samples = block_on(async {
            let latch = Latch::new();
            let others: Vec<_> =
                (0..n).map(|_| spawn_tokio(Listener::new(&latch), Mailbox::unbounded())).collect();
            let spawn = async |_| {
                let guest = spawn_tokio(Guest(latch.clone()), Mailbox::unbounded());
                let _ = guest.send(Leave).detach().await;
            };
            let bursts = Bursts::of_messages(run.operations(100_000), 1);
            let samples = run.warm_samples().in_bursts(bursts, &latch, spawn).await;
            drop(others);
            samples
        });
        run.record(&[("n", n.into())], "process", samples);
    }
}

fn idle(run: &Run) {
    let latch = Latch::new();
    memory(run, || {
        (0..MANY).map(|_| spawn_tokio(Listener::new(&latch), Mailbox::unbounded())).collect::<Vec<_>>()
    });
}

fn subscribed(run: &Run) {
    let latch = Latch::new();
    let address = |topic| (topic, spawn_tokio(Listener::new(&latch), Mailbox::unbounded()));
    memory(run, || (0..MANY).map(address).collect::<HashMap<_, _>>());
}

fn memory<T>(run: &Run, make: impl FnOnce() -> T) {
    let bytes = block_on(async {
        let before = resident();
        let all = make();
        settle().await;
        let bytes = resident().saturating_sub(before) as f64 / MANY as f64;
        black_box(all);
        bytes
    });
    run.record_bytes(&[], "process", bytes);
}
