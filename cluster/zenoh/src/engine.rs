//! The engine: a session with Zenoh, and a way to each machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;
use marketplace_cluster::{Engine, EngineEvent, Sending, Settings};
use tokio::runtime::{Builder, Runtime};

use crate::inbox::Inbox;
use crate::plan::Plan;
use crate::session::{self, Ways};
use crate::ways::{Out, Way};

/// The room that a packet may take beside the messages in it, in bytes.
const AROUND: usize = 4096;

/// How many threads may wait for Zenoh: one for the session, and one for each machine that takes
/// nothing now.
const THREADS: usize = 1024;

pub(crate) struct ZenohEngine {
    plan: Plan,
    lease: Duration,
    /// How many bytes a packet may have.
    limit: usize,
    inbox: Arc<Inbox>,
    open: Option<Open>,
}

/// The things that there are when the engine is open.
struct Open {
    out: Arc<Out>,
    ways: Ways,
    /// Zenoh is called on these threads only, since it may wait. They are taken when the engine is
    /// dropped, and not waited for.
    threads: Option<Runtime>,
    /// Ends the session.
    end: Option<Sender<Ways>>,
    ended: Arc<AtomicBool>,
}

impl ZenohEngine {
    pub(crate) fn new(plan: Plan) -> Self {
        let mut engine = Self { plan, lease: Duration::ZERO, limit: 0, inbox: Arc::default(), open: None };
        engine.heed(&Settings::default());
        engine
    }
}

impl Engine for ZenohEngine {
    fn heed(&mut self, settings: &Settings) {
        self.lease = settings.lease;
        // A packet is a frame, or more that have 64 KiB together. The rest is what is around them.
        self.limit = settings.message_bytes.max(64 << 10) + AROUND;
        self.inbox.set_limit(self.limit);
    }

    fn open(&mut self, name: &Text, epoch: u64) {
        let wanted = match self.plan.wanted(self.lease, self.limit) {
            Ok(wanted) => wanted,
            Err(error) => return tracing::warn!("Zenoh does not take its configuration: {error}"),
        };
        let mut threads = Builder::new_multi_thread();
        // One of a current thread would not do: Zenoh panics where it waits on it.
        let threads = threads.worker_threads(1).max_blocking_threads(THREADS).thread_name("zenoh-waits");
        let threads = match threads.build() {
            Ok(threads) => threads,
            Err(error) => return tracing::warn!("there are no threads for Zenoh: {error}"),
        };
        let vm = (name.clone(), epoch);
        let out = Arc::new(Out::new(vm, self.plan.keys.clone(), self.inbox.clone()));
        let (end, ends) = channel();
        let ended = Arc::<AtomicBool>::default();
        let (session, is_over) = (out.clone(), ended.clone());
        // The address stays taken until Zenoh has it.
        let taken = self.plan.taken.take();
        threads.spawn_blocking(move || {
            session::run(wanted, &session, &ends, &is_over);
            drop(taken);
        });
        self.open = Some(Open { out, ways: Ways::new(), threads: Some(threads), end: Some(end), ended });
    }

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        let Some(open) = &self.open else { return Sending::Taken };
        let way = open.ways.get(to).and_then(|ways| ways.iter().find(|(known, _)| *known == epoch));
        match (way, &open.threads) {
            (Some((_, way)), Some(threads)) => way.send(packet, &open.out, threads.handle()),
            _ => Sending::Taken,
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent> {
        let event = ready!(self.inbox.poll_event(cx));
        if let Some(open) = &mut self.open {
            match &event {
                EngineEvent::Up(name, epoch) => {
                    let way = Way::new((name.clone(), *epoch));
                    open.ways.entry(name.clone()).or_default().push((*epoch, way));
                }
                EngineEvent::Down(name, epoch) => open.forget(name, *epoch),
                EngineEvent::From(..) | EngineEvent::Ready(..) => {}
            }
        }
        Poll::Ready(event)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(open) = &mut self.open else { return Poll::Ready(()) };
        self.inbox.awaits(cx);
        self.inbox.say();
        if !open.out.is_done() {
            return Poll::Pending;
        }
        open.end();
        if open.ended.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Open {
    fn forget(&mut self, name: &Text, epoch: u64) {
        let Some(ways) = self.ways.get_mut(name) else { return };
        let gone: Vec<_> = ways.extract_if(.., |(known, _)| *known == epoch).collect();
        if ways.is_empty() {
            self.ways.remove(name);
        }
        // Zenoh may wait where a way ends.
        if let Some(threads) = &self.threads {
            threads.spawn_blocking(move || drop(gone));
        }
    }

    fn end(&mut self) {
        if let Some(end) = self.end.take() {
            // If nobody hears it, the session has ended.
            let _ = end.send(std::mem::take(&mut self.ways));
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.end();
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}
