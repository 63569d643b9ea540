//! ractor: topics are process groups (`pg`), presence is `pg::monitor`.

mod actors;
mod asking;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use harness::Work::{CanNot, Does};
use harness::{
    Bursts, FANOUT, Latch, MANY, Numbers, PRESENCE, ROUTING, Run, SPAWN_AMONG, Samples, Stopwatch, block_on,
    resident, settle,
};
use ractor::{Actor, ActorRef, pg};

use actors::{Guest, Listener, Play, Player, Says};

fn main() -> ExitCode {
    harness::contend(
        "ractor",
        &[
            ("pingpong", Does(ping_pong)),
            ("fanout", Does(fan_out)),
            ("routing", Does(routing)),
            ("wildcard", CanNot("groups have exact names")),
            ("shapes", CanNot("groups have exact names")),
            ("presence", Does(presence)),
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

async fn listeners(n: u64, latch: &Arc<Latch>) -> Vec<ActorRef<Says>> {
    let mut listeners = Vec::with_capacity(n as usize);
    for _ in 0..n {
        let (listener, _) = Actor::spawn(None, Listener, latch.clone()).await.expect("it starts");
        listeners.push(listener);
    }
    listeners
}

fn say(group: &String, says: Says) {
    for member in pg::get_members(group) {
        let _ = ActorRef::<Says>::from(member).cast(says);
    }
}

fn ping_pong(run: &Run) {
    run.record(&[("message", "integer".into()), ("via", "cast".into())], "message", played(run));
}

/// Sends messages alone: it takes no answer.
fn tell(run: &Run) {
    run.record(&[("via", "cast".into())], "message", played(run));
}

fn played(run: &Run) -> Samples {
    let messages = run.operations(200_000);
    let mut samples = run.warm_samples();
    block_on(async {
        let latch = Latch::new();
        let (a, _) = Actor::spawn(None, Player, latch.clone()).await.expect("it starts");
        let (b, _) = Actor::spawn(None, Player, latch.clone()).await.expect("it starts");
        a.cast(Play::With(b.clone())).expect("it plays");
        b.cast(Play::With(a.clone())).expect("it plays");
        while samples.more() {
            latch.arm(1);
            let watch = Stopwatch::start();
            a.cast(Play::Ball(messages)).expect("it plays");
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
            let group = format!("fanout to {n}");
            pg::join(group.clone(), listeners(n, &latch).await.iter().map(ActorRef::get_cell).collect());
            let send = async |payload| say(&group, Says { topic: 7, payload });
            let bursts = Bursts::of_deliveries(run.operations(300_000), n);
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        let parameters = [("n", n.into()), ("message", "integer".into()), ("via", "pg".into())];
        run.record(&parameters, "delivery", samples);
    }
}

fn routing(run: &Run) {
    for n in run.sizes_that_fit(&ROUTING, 10_000) {
        let samples = block_on(async {
            let latch = Latch::new();
            let groups: Vec<_> = (0..n).map(|topic| format!("{topic} of {n}")).collect();
            for (group, listener) in groups.iter().zip(listeners(n, &latch).await) {
                pg::join(group.clone(), vec![listener.get_cell()]);
            }
            let mut numbers = Numbers::new();
            let send = async |payload| {
                let topic = numbers.below(n);
                say(&groups[topic as usize], Says { topic, payload });
            };
            let bursts = Bursts::of_messages(run.operations(200_000), 1);
            run.warm_samples().in_bursts(bursts, &latch, send).await
        });
        run.record(&[("n", n.into()), ("via", "pg".into())], "message", samples);
    }
}

fn presence(run: &Run) {
    for n in run.sizes(&PRESENCE) {
        let (join, leave) = block_on(rooms(n, run.samples(), run.samples()));
        for (phase, samples) in [("join", join), ("leave", leave)] {
            let parameters = [("n", n.into()), ("phase", phase.into()), ("via", "pg monitor".into())];
            run.record(&parameters, "notification", samples);
        }
    }
}

/// A monitor is not told who is there already, so all listen before the first joins.
async fn rooms(n: u64, mut join: Samples, mut leave: Samples) -> (Samples, Samples) {
    let mut opened = 0;
    while join.more() {
        let latch = Latch::new();
        // A small room is over at once: the mean of many is taken.
        let rooms: Vec<_> = (0..(1_000 / n).max(1)).map(|room| format!("{} of {n}", opened + room)).collect();
        opened += rooms.len() as u64;
        let operations = rooms.len() as u64 * n * n;
        let mut members = Vec::new();
        let watch = Stopwatch::start();
        for room in &rooms {
            latch.arm(n * n);
            let here = listeners(n, &latch).await;
            here.iter().for_each(|member| pg::monitor(room.clone(), member.get_cell()));
            here.iter().for_each(|member| pg::join(room.clone(), vec![member.get_cell()]));
            latch.wait().await;
            members.push(here);
        }
        join.push(watch.each_of(operations));
        let watch = Stopwatch::start();
        for (room, here) in rooms.iter().zip(&members) {
            latch.arm(n * n);
            here.iter().for_each(|member| pg::leave(room.clone(), vec![member.get_cell()]));
            latch.wait().await;
        }
        leave.push(watch.each_of(operations));
        for (room, here) in rooms.iter().zip(&members) {
            for member in here {
                pg::demonitor(room.clone(), member.get_id());
                member.stop(None);
            }
        }
        settle().await;
    }
    (join, leave)
}

fn spawn(run: &Run) {
    for n in run.sizes_that_fit(&SPAWN_AMONG, 9_000) {
        let samples = block_on(async {
            let latch = Latch::new();
            let others = listeners(n, &latch).await;
            let spawn = async |payload| {
                let (guest, _) = Actor::spawn(None, Guest, latch.clone()).await.expect("it starts");
                let _ = guest.cast(payload);
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
    memory(run, |_, _| ());
}

fn subscribed(run: &Run) {
    memory(run, |topic, listener| pg::join(topic.to_string(), vec![listener.get_cell()]));
}

fn memory(run: &Run, subscribe: fn(usize, &ActorRef<Says>)) {
    let bytes = block_on(async {
        let latch = Latch::new();
        let before = resident();
        let all = listeners(MANY, &latch).await;
        all.iter().enumerate().for_each(|(topic, listener)| subscribe(topic, listener));
        settle().await;
        let bytes = resident().saturating_sub(before) as f64 / MANY as f64;
        black_box(all);
        bytes
    });
    run.record_bytes(&[], "process", bytes);
}
