//! syndicate: the nearest relative. Actors that talk through a dataspace.

mod actors;
mod data;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use harness::Work::{CanNot, Does};
use harness::{
    Bursts, FANOUT, Latch, MANY, Numbers, PRESENCE, ROUTING, Run, SHAPES, SPAWN_AMONG, Samples, Stopwatch,
    block_on, resident, settle,
};
use syndicate::actor::{Activation, AnyValue};
use syndicate::schemas::dataspace_patterns::Pattern;

use actors::{Guest, Listener, Member, Order, Player, PlayerByReference};
use world::{World, spawn_guest};

fn main() -> ExitCode {
    harness::contend(
        "syndicate",
        &[
            ("pingpong", Does(ping_pong)),
            ("fanout", Does(fan_out)),
            ("routing", Does(routing)),
            ("wildcard", Does(wildcard)),
            ("shapes", Does(shapes)),
            ("presence", Does(presence)),
            ("spawn", Does(spawn)),
            ("idle", Does(idle)),
            ("subscribed", Does(subscribed)),
            (
                "ask",
                CanNot("a question and its answer are facts in a dataspace: no reference to whom one asks"),
            ),
            ("tell", CanNot("the same as pingpong")),
            ("pipeline", CanNot("no answers that can be sent to")),
            ("chain", CanNot("no promises")),
        ],
    )
}

fn ping_pong(run: &Run) {
    let row = |via: &str, samples: Samples| {
        run.record(&[("message", "integer".into()), ("via", via.into())], "message", samples);
    };
    row("dataspace", block_on(by_dataspace(run.operations(50_000), run.warm_samples())));
    row("reference", block_on(by_reference(run.operations(100_000), run.warm_samples())));
}

async fn by_dataspace(messages: u64, mut samples: Samples) -> Samples {
    let (world, latch) = (World::new().await, Latch::new());
    for me in 0..2 {
        let player = Player { dataspace: world.dataspace.clone(), other: 1 - me, latch: latch.clone() };
        world.act(|turn| world.spawn_observer(turn, data::about(me), player));
    }
    world.settle().await;
    while samples.more() {
        latch.arm(1);
        let watch = Stopwatch::start();
        world.act(|turn| world.dataspace.message(turn, &(), &data::says(0, messages)));
        latch.wait().await;
        samples.push(watch.each_of(messages));
    }
    samples
}

async fn by_reference(messages: u64, mut samples: Samples) -> Samples {
    let (world, latch) = (World::new().await, Latch::new());
    let players = [(); 2].map(|()| Arc::new(OnceLock::new()));
    for (me, other) in [(0, 1), (1, 0)] {
        let player = PlayerByReference { other: players[other].clone(), latch: latch.clone() };
        let me = players[me].clone();
        world.act(|turn| {
            world::spawn(turn, move |turn| {
                let _ = turn.prevent_inert_check();
                let _ = me.set(turn.create(player));
            });
        });
    }
    settle().await;
    while samples.more() {
        latch.arm(1);
        let watch = Stopwatch::start();
        world.act(|turn| turn.message(players[0].get().expect("it has begun"), messages));
        latch.wait().await;
        samples.push(watch.each_of(messages));
    }
    samples
}

/// All messages of a burst in one turn: its strong point.
async fn in_bursts(
    world: &World,
    bursts: Bursts,
    latch: &Latch,
    mut samples: Samples,
    mut message: impl FnMut(u64) -> AnyValue,
) -> Samples {
    while samples.more() {
        let watch = Stopwatch::start();
        for _ in 0..bursts.bursts {
            latch.arm(bursts.messages * bursts.deliveries);
            world.act(|turn| {
                for payload in 0..bursts.messages {
                    world.dataspace.message(turn, &(), &message(payload));
                }
            });
            latch.wait().await;
        }
        samples.push(watch.each_of(bursts.operations));
    }
    samples
}

/// A listener for each of these patterns.
async fn listeners(latch: &Arc<Latch>, patterns: impl Iterator<Item = Pattern>) -> World {
    let world = World::new().await;
    world.act(|turn| {
        for pattern in patterns {
            world.spawn_observer(turn, pattern, Listener::new(latch));
        }
    });
    settle().await;
    world.settle().await;
    world
}

fn fan_out(run: &Run) {
    for n in run.sizes(&FANOUT) {
        let samples = block_on(async {
            let latch = Latch::new();
            let world = listeners(&latch, (0..n).map(|_| data::about(7))).await;
            let bursts = Bursts::of_deliveries(run.operations(200_000), n);
            in_bursts(&world, bursts, &latch, run.warm_samples(), |payload| data::says(7, payload)).await
        });
        let parameters =
            [("n", n.into()), ("message", "integer".into()), ("via", "a burst in a turn".into())];
        run.record(&parameters, "delivery", samples);
    }
}

fn routing(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 11_000) {
        let samples = block_on(async {
            let (latch, mut numbers) = (Latch::new(), Numbers::new());
            let world = listeners(&latch, (0..n).map(data::about)).await;
            let bursts = Bursts::of_messages(run.operations(50_000), 1);
            let says = |payload| data::says(numbers.below(n), payload);
            in_bursts(&world, bursts, &latch, run.warm_samples(), says).await
        });
        run.record(&[("n", n.into()), ("via", "a burst in a turn".into())], "message", samples);
    }
}

fn wildcard(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 11_000) {
        let samples = block_on(async {
            let (latch, mut numbers) = (Latch::new(), Numbers::new());
            let both = |topic| [data::about_one_sort(topic), data::about_any_sort(topic)];
            let world = listeners(&latch, (0..n / 2).flat_map(both)).await;
            let bursts = Bursts::of_messages(run.operations(50_000), 2);
            let sorted = |payload| data::sorted(numbers.below(n / 2), payload);
            in_bursts(&world, bursts, &latch, run.warm_samples(), sorted).await
        });
        run.record(&[("n", n.into()), ("via", "a burst in a turn".into())], "message", samples);
    }
}

fn shapes(run: &Run) {
    for n in run.sizes(&SHAPES) {
        let samples = block_on(async {
            let latch = Latch::new();
            let world = listeners(&latch, (0..n).map(data::shape)).await;
            let bursts = Bursts::of_messages(run.operations(20_000), 1);
            in_bursts(&world, bursts, &latch, run.warm_samples(), data::wide).await
        });
        run.record(&[("n", n.into()), ("via", "a burst in a turn".into())], "message", samples);
    }
}

fn presence(run: &Run) {
    for n in run.sizes(&PRESENCE) {
        let (join, leave) = block_on(rooms(n, run.samples(), run.samples()));
        for (phase, samples) in [("join", join), ("leave", leave)] {
            let parameters = [("n", n.into()), ("phase", phase.into()), ("via", "assertions".into())];
            run.record(&parameters, "notification", samples);
        }
    }
}

async fn rooms(n: u64, mut join: Samples, mut leave: Samples) -> (Samples, Samples) {
    while join.more() {
        // A small room is over at once: the mean of many is taken.
        let mut rooms = Vec::new();
        for _ in 0..(1_000 / n).max(1) {
            rooms.push((World::new().await, Latch::new()));
        }
        let operations = rooms.len() as u64 * n * n;
        let watch = Stopwatch::start();
        for (world, latch) in &rooms {
            latch.arm(n * n);
            world.act(|turn| (0..n).for_each(|who| world.spawn_member(turn, who, Member::new(latch))));
            latch.wait().await;
        }
        join.push(watch.each_of(operations));
        let watch = Stopwatch::start();
        for (world, latch) in &rooms {
            latch.arm(n * n);
            world.order_all(&Order::Leave);
            latch.wait().await;
        }
        leave.push(watch.each_of(operations));
        for (world, _) in rooms {
            world.order_all(&Order::End);
            settle().await;
            world.end();
        }
        settle().await;
    }
    (join, leave)
}

fn spawn(run: &Run) {
    for n in run.sizes_that_fit(&SPAWN_AMONG, 11_000) {
        let samples = block_on(async {
            let latch = Latch::new();
            let world = listeners(&latch, (0..n).map(data::about)).await;
            let bursts = Bursts::of_messages(run.operations(50_000), 1);
            let mut samples = run.warm_samples();
            while samples.more() {
                let watch = Stopwatch::start();
                for _ in 0..bursts.bursts {
                    latch.arm(bursts.messages);
                    world.act(|turn| {
                        for _ in 0..bursts.messages {
                            spawn_guest(turn, Guest(latch.clone()));
                        }
                    });
                    latch.wait().await;
                }
                samples.push(watch.each_of(bursts.operations));
            }
            samples
        });
        run.record(&[("n", n.into())], "process", samples);
    }
}

fn idle(run: &Run) {
    memory(run, |world, turn, _, _| world.spawn_idle(turn));
}

fn subscribed(run: &Run) {
    memory(run, |world, turn, topic, latch| {
        world.spawn_observer(turn, data::about(topic), Listener::new(latch))
    });
}

fn memory(run: &Run, spawn: fn(&World, &mut Activation, u64, &Arc<Latch>)) {
    let bytes = block_on(async {
        let (world, latch) = (World::new().await, Latch::new());
        world.settle().await;
        let before = resident();
        world.act(|turn| (0..MANY).for_each(|n| spawn(&world, turn, n, &latch)));
        settle().await;
        world.settle().await;
        resident().saturating_sub(before) as f64 / MANY as f64
    });
    run.record_bytes(&[], "process", bytes);
}
