//! Members that join a room and leave it, and hear of each other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use harness::{Latch, PRESENCE, Run, Samples, Stopwatch, block_on};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// To the room.
enum Ask {
    Join(u64, UnboundedSender<Tell>),
    Leave(u64),
}

/// From the room.
#[derive(Clone, Copy)]
enum Tell {
    Joined(u64),
    Left(u64),
}

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&PRESENCE) {
        let (join, leave) = block_on(rooms(n, run.samples(), run.samples()));
        for (phase, samples) in [("join", join), ("leave", leave)] {
            let parameters = [("n", n.into()), ("phase", phase.into()), ("via", "room by hand".into())];
            run.record(&parameters, "notification", samples);
        }
    }
}

async fn rooms(n: u64, mut join: Samples, mut leave: Samples) -> (Samples, Samples) {
    while join.more() {
        // A small room is over at once: the mean of many is taken.
        let latch = Latch::new();
        let rooms: Vec<_> = (0..(1_000 / n).max(1)).map(|_| open_room()).collect();
        let operations = rooms.len() as u64 * n * n;
        let watch = Stopwatch::start();
        for room in &rooms {
            latch.arm(n * n);
            (0..n).for_each(|who| member(who, room, &latch));
            latch.wait().await;
        }
        join.push(watch.each_of(operations));
        let watch = Stopwatch::start();
        for room in &rooms {
            latch.arm(n * n);
            for who in 0..n {
                let _ = room.send(Ask::Leave(who));
            }
            latch.wait().await;
        }
        leave.push(watch.each_of(operations));
    }
    (join, leave)
}

fn open_room() -> UnboundedSender<Ask> {
    let (room, asked) = unbounded_channel();
    tokio::spawn(keep_room(asked));
    room
}

/// Tells everybody who comes and goes, and those who come who is there.
async fn keep_room(mut asked: UnboundedReceiver<Ask>) {
    let (mut members, mut present) = (HashMap::new(), Vec::new());
    while let Some(ask) = asked.recv().await {
        let tell = match ask {
            Ask::Join(who, member) => {
                for other in &present {
                    let _ = member.send(Tell::Joined(*other));
                }
                members.insert(who, member);
                present.push(who);
                Tell::Joined(who)
            }
            Ask::Leave(who) => {
                present.retain(|other| *other != who);
                Tell::Left(who)
            }
        };
        for member in members.values() {
            let _ = member.send(tell);
        }
    }
}

/// Joins, and goes on listening when it has left.
fn member(who: u64, room: &UnboundedSender<Ask>, latch: &Arc<Latch>) {
    let (room, latch) = (room.downgrade(), latch.clone());
    tokio::spawn(async move {
        let (to, mut told) = unbounded_channel();
        if let Some(room) = room.upgrade() {
            let _ = room.send(Ask::Join(who, to));
        }
        let mut here = HashSet::new();
        while let Some(tell) = told.recv().await {
            match tell {
                Tell::Joined(other) => here.insert(other),
                Tell::Left(other) => here.remove(&other),
            };
            latch.hit();
        }
    });
}
