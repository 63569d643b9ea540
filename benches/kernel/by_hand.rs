//! The same work by hand on tokio: a task for each process, unbounded channels, a map of senders, and the bookkeeping.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinSet, yield_now};

use crate::{Numbers, WINDOW, resident};

fn block_on<R>(work: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(work)
}

pub(crate) fn ping_pong(messages: u64) -> Duration {
    async fn player(mut from: UnboundedReceiver<u64>, to: UnboundedSender<u64>) {
        while let Some(n) = from.recv().await {
            if n == 0 || to.send(n - 1).is_err() {
                return;
            }
        }
    }
    block_on(async {
        let ((to_a, from_b), (to_b, from_a)) = (unbounded_channel(), unbounded_channel());
        let mut players = JoinSet::new();
        players.spawn(player(from_b, to_b));
        players.spawn(player(from_a, to_a.clone()));
        let start = Instant::now();
        to_a.send(messages).expect("a player listens");
        drop(to_a);
        players.join_all().await;
        start.elapsed()
    })
}

/// Tasks that add up what they hear, and say on a channel how much work is done.
struct Listeners {
    topics: HashMap<u64, Vec<UnboundedSender<u64>>>,
    done: UnboundedReceiver<()>,
}

impl Listeners {
    fn new(topics: impl Iterator<Item = u64>, batch: u64) -> Self {
        let (say, done) = unbounded_channel();
        let heard = Arc::new(AtomicU64::new(0));
        let mut listeners = Self { topics: HashMap::new(), done };
        for topic in topics {
            let (to, mut from) = unbounded_channel();
            let (say, heard) = (say.clone(), heard.clone());
            tokio::spawn(async move {
                let mut sum = 0u64;
                while let Some(payload) = from.recv().await {
                    sum = sum.wrapping_add(payload);
                    if (heard.fetch_add(1, Relaxed) + 1).is_multiple_of(batch) {
                        let _ = say.send(());
                    }
                }
                black_box(sum);
            });
            listeners.topics.entry(topic).or_default().push(to);
        }
        listeners
    }
}

pub(crate) fn fan_out(listeners: u64) -> Duration {
    block_on(async {
        let mut all = Listeners::new((0..listeners).map(|_| 7), WINDOW);
        let start = Instant::now();
        for _ in 0..1_000_000 / WINDOW {
            for payload in 0..WINDOW / listeners {
                for listener in &all.topics[&7] {
                    let _ = listener.send(payload);
                }
            }
            all.done.recv().await;
        }
        start.elapsed()
    })
}

pub(crate) fn routing(topics: u64) -> Duration {
    block_on(async {
        let mut all = Listeners::new(0..topics, 1000);
        let mut numbers = Numbers(12345);
        let start = Instant::now();
        for window in 0..300 {
            for payload in 0..1000 {
                let _ = all.topics[&numbers.below(topics)][0].send(payload + window);
            }
            all.done.recv().await;
        }
        start.elapsed()
    })
}

enum Room {
    Joined(u64),
    Left(u64),
}

/// A room by hand: everybody is told of everybody.
struct Members(Vec<(u64, UnboundedSender<Room>)>);

impl Members {
    async fn join(&mut self, who: u64) {
        let (to, mut from) = unbounded_channel();
        tokio::spawn(async move {
            let mut members = HashSet::new();
            while let Some(event) = from.recv().await {
                match event {
                    Room::Joined(who) => members.insert(who),
                    Room::Left(who) => members.remove(&who),
                };
            }
        });
        for (other, member) in &self.0 {
            let _ = member.send(Room::Joined(who));
            let _ = to.send(Room::Joined(*other));
        }
        let _ = to.send(Room::Joined(who));
        self.0.push((who, to));
        yield_now().await;
    }

    async fn leave(&mut self) {
        let (who, _) = self.0.remove(0);
        for (_, member) in &self.0 {
            let _ = member.send(Room::Left(who));
        }
        yield_now().await;
    }
}

async fn room(members: u64) -> Members {
    let mut room = Members(Vec::new());
    for who in 0..members {
        room.join(who).await;
    }
    room
}

pub(crate) fn join(members: u64) -> Duration {
    block_on(async {
        let start = Instant::now();
        black_box(room(members).await);
        start.elapsed()
    })
}

pub(crate) fn leave(members: u64) -> Duration {
    block_on(async {
        let mut room = room(members).await;
        let start = Instant::now();
        for _ in 0..members {
            room.leave().await;
        }
        start.elapsed()
    })
}

pub(crate) fn spawn_and_exit(processes: u64) -> Duration {
    block_on(async {
        let start = Instant::now();
        for batch in 0..processes / 1000 {
            let mut tasks = JoinSet::new();
            let mut topics = HashMap::new();
            for topic in batch * 1000..(batch + 1) * 1000 {
                let (to, mut from) = unbounded_channel::<u64>();
                tasks.spawn(async move {
                    black_box(from.recv().await);
                });
                topics.insert(topic, to);
            }
            for topic in batch * 1000..(batch + 1) * 1000 {
                let _ = topics[&topic].send(0);
            }
            tasks.join_all().await;
        }
        start.elapsed()
    })
}

pub(crate) fn idle() -> usize {
    const TASKS: u64 = 50_000;
    block_on(async {
        let before = resident();
        let all = Listeners::new(0..TASKS, 1);
        yield_now().await;
        let bytes = resident().saturating_sub(before) / TASKS as usize;
        black_box(&all.topics);
        bytes
    })
}
