//! actix: actors in one arbiter, a map of recipients.

mod actors;
mod asking;

use std::collections::HashMap;
use std::hint::black_box;
use std::process::ExitCode;

use actix::prelude::*;
use harness::Work::{CanNot, Does};
use harness::{
    Bursts, FANOUT, Latch, MANY, Numbers, ROUTING, Run, SPAWN_AMONG, Samples, Stopwatch, resident, settle,
};

use actors::{Ball, Guest, Leave, Listener, Partner, Player, Says};

fn main() -> ExitCode {
    harness::contend(
        "actix",
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

fn block_on<T>(work: impl Future<Output = T>) -> T {
    System::new().block_on(work)
}

fn ping_pong(run: &Run) {
    run.record(&[("message", "integer".into()), ("via", "do_send".into())], "message", played(run));
}

/// Sends messages alone: a message has no answer unless one asks for it.
fn tell(run: &Run) {
    run.record(&[("via", "do_send".into())], "message", played(run));
}

fn played(run: &Run) -> Samples {
    let messages = run.operations(400_000);
    let mut samples = run.warm_samples();
    block_on(async {
        let latch = Latch::new();
        let [a, b] = [(); 2].map(|()| Player::new(&latch).start());
        a.send(Partner(b.clone().recipient())).await.expect("it plays");
        b.send(Partner(a.clone().recipient())).await.expect("it plays");
        while samples.more() {
            latch.arm(1);
            let watch = Stopwatch::start();
            a.do_send(Ball(messages));
            latch.wait().await;
            samples.push(watch.each_of(messages));
        }
        samples
    })
}

fn fan_out(run: &Run) {
    for n in run.sizes(&FANOUT) {
        let samples = block_on(async {
            let latch = Latch::new();
            let listeners: Vec<_> = (0..n).map(|_| Listener::new(&latch).start().recipient()).collect();
            let topics = HashMap::from([(7, listeners)]);
            let send =
                async |payload| topics[&7].iter().for_each(|to| to.do_send(Says { topic: 7, payload }));
            let bursts = Bursts::of_deliveries(run.operations(1_000_000), n);
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        let parameters =
            [("n", n.into()), ("message", "integer".into()), ("via", "map of recipients".into())];
        run.record(&parameters, "delivery", samples);
    }
}

fn routing(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 1_500) {
        let samples = block_on(async {
            let latch = Latch::new();
            let topics: HashMap<_, _> =
                (0..n).map(|topic| (topic, Listener::new(&latch).start().recipient())).collect();
            let mut numbers = Numbers::new();
            let send = async |payload| {
                let topic = numbers.below(n);
                topics[&topic].do_send(Says { topic, payload });
            };
            let bursts = Bursts::of_messages(run.operations(300_000), 1);
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        run.record(&[("n", n.into()), ("via", "map of recipients".into())], "message", samples);
    }
}

fn spawn(run: &Run) {
    for n in run.sizes(&SPAWN_AMONG) {
        let samples = block_on(async {
            let latch = Latch::new();
            let others: Vec<_> = (0..n).map(|_| Listener::new(&latch).start()).collect();
            let spawn = async |_| Guest(latch.clone()).start().do_send(Leave);
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
    memory(run, || (0..MANY).map(|_| Listener::new(&latch).start()).collect::<Vec<_>>());
}

fn subscribed(run: &Run) {
    let latch = Latch::new();
    memory(run, || {
        (0..MANY).map(|topic| (topic, Listener::new(&latch).start().recipient())).collect::<HashMap<_, _>>()
    });
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
