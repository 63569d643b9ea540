//! The outer half of a gateway: an engine, and a clock.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use marketplace::ground::OuterHalf;
use marketplace::sim::StandIn;
use marketplace::{Failure, Opaque, Source, Text, Value, View};
use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::engine::{Engine, EngineEvent, Sending};

/// If so many packets, or bytes, wait for a machine, further ones are lost. They are more than the
/// window of a link lets go: only a machine that takes nothing, and has much to be answered, comes
/// so far.
const WAITING: usize = 8192;
const WAITING_BYTES: usize = 16 << 20;

/// The items of the source: each says how much time has passed since the source was turned on.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) now: Duration,
    pub(crate) what: Happened,
}

#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// First: the engine is open.
    Opened,
    /// The time for which the gateway asked has come. If there is a time here, all that had come by
    /// then has been told: who is silent is known.
    Tick(Option<Duration>),
    Event(EngineEvent),
}

/// The feedback of the source.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Send(Text, u64, Bytes),
    /// A tick is wanted at this time, in the place of the one that was wanted before.
    Wake(Duration),
}

impl Item {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        said(value)
    }
}

impl From<Ask> for Value {
    fn from(ask: Ask) -> Self {
        Opaque::new(ask).into()
    }
}

fn said<T: Clone + 'static>(value: &Value) -> Option<T> {
    match value.view() {
        View::Opaque(opaque) => opaque.downcast_ref().cloned(),
        _ => None,
    }
}

/// A source over this engine.
pub(crate) fn source(engine: Box<dyn Engine>, name: Text, epoch: u64) -> Source {
    Source::outer(Half::new(engine, name, epoch))
}

struct Half {
    engine: Box<dyn Engine>,
    name: Text,
    epoch: u64,
    opened: bool,
    wake: Option<Duration>,
    /// An event was given instead of a tick that was due.
    passed: bool,
    waiting: BTreeMap<(Text, u64), Waiting>,
    started: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// The packets for a machine for which the engine had no room.
#[derive(Default)]
struct Waiting {
    packets: VecDeque<Bytes>,
    bytes: usize,
}

impl Waiting {
    fn is_full(&self) -> bool {
        self.packets.len() >= WAITING || self.bytes >= WAITING_BYTES
    }
}

impl Half {
    fn new(engine: Box<dyn Engine>, name: Text, epoch: u64) -> Self {
        Self {
            engine,
            name,
            epoch,
            opened: false,
            wake: None,
            passed: false,
            waiting: BTreeMap::new(),
            started: None,
            sleep: None,
        }
    }

    /// The next item that is there at this time. `has_waited`: the host has looked for events since
    /// the tick was due.
    ///
    /// After a long turn a tick is late, and so are events. They go before it, or silence would be
    /// heard that was none; but by turns, since there may be no end of them.
    fn next(&mut self, now: Duration, has_waited: bool, cx: &mut Context<'_>) -> Option<Item> {
        let item = |what| Some(Item { now, what });
        if !self.opened {
            self.opened = true;
            self.engine.open(&self.name, self.epoch);
            return item(Happened::Opened);
        }
        let due = self.wake.filter(|wake| *wake <= now);
        if due.is_some() && self.passed {
            return item(self.tick(None));
        }
        while let Poll::Ready(event) = self.engine.poll_event(cx) {
            match event {
                EngineEvent::Ready(vm, epoch) => self.go_on(&vm, epoch),
                event => {
                    if let EngineEvent::Down(vm, epoch) = &event {
                        self.waiting.remove(&(vm.clone(), *epoch));
                    }
                    self.passed = due.is_some();
                    return item(Happened::Event(event));
                }
            }
        }
        due.filter(|_| has_waited)?;
        // Nothing comes to a task that has used up its time, and that is no silence.
        item(self.tick(due.filter(|_| has_budget_remaining())))
    }

    fn tick(&mut self, heard: Option<Duration>) -> Happened {
        self.wake = None;
        self.passed = false;
        Happened::Tick(heard)
    }

    /// Waits until the tick is due.
    fn poll_wake(&mut self, started: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let Some(wake) = self.wake else { return Poll::Pending };
        let wake = started + wake;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(wake)));
        if sleep.deadline() != wake {
            sleep.as_mut().reset(wake);
        }
        sleep.as_mut().poll(cx)
    }

    fn go_on(&mut self, vm: &Text, epoch: u64) {
        let key = (vm.clone(), epoch);
        let Some(waiting) = self.waiting.get_mut(&key) else { return };
        while let Some(packet) = waiting.packets.front() {
            if self.engine.send(vm, epoch, packet) == Sending::Full {
                return;
            }
            waiting.bytes -= packet.len();
            waiting.packets.pop_front();
        }
        self.waiting.remove(&key);
    }

    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::Wake(at) => self.wake = Some(at),
            Ask::Send(to, epoch, packet) => {
                let waits = self.waiting.contains_key(&(to.clone(), epoch));
                if waits || self.engine.send(&to, epoch, &packet) == Sending::Full {
                    let waiting = self.waiting.entry((to, epoch)).or_default();
                    // The other side finds out that something is missing, as with any loss.
                    if !waiting.is_full() {
                        waiting.bytes += packet.len();
                        waiting.packets.push_back(packet);
                    }
                }
            }
        }
    }
}

impl OuterHalf for Half {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let started = *self.started.get_or_insert_with(Instant::now);
        loop {
            let now = started.elapsed();
            let due = self.wake.is_some_and(|wake| wake <= now);
            // The timer goes off when the runtime has looked at its sockets, too.
            let has_waited = due && self.poll_wake(started, cx).is_ready();
            if let Some(item) = self.next(now, has_waited, cx) {
                return Poll::Ready(Some(Ok(Opaque::new(item).into())));
            }
            ready!(self.poll_wake(started, cx));
        }
    }

    fn give(&mut self, value: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        if let Some(ask) = said(&value) {
            self.ask(ask);
            cx.waker().wake_by_ref();
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        if self.opened {
            self.engine.poll_flush(cx);
        }
        Poll::Ready(Ok(()))
    }

    /// The last packets are still sent: they say why the machine goes.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        while !self.waiting.is_empty() {
            match ready!(self.engine.poll_event(cx)) {
                EngineEvent::Ready(vm, epoch) => self.go_on(&vm, epoch),
                EngineEvent::Down(vm, epoch) => drop(self.waiting.remove(&(vm, epoch))),
                _ => {}
            }
        }
        self.engine.poll_close(cx).map(Ok)
    }

    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        let engine = self.engine.stand_in()?;
        Some(Box::new(Self::new(engine, self.name.clone(), self.epoch)))
    }
}

/// In a sim.
impl StandIn for Half {
    fn due(&self) -> Option<Duration> {
        if !self.opened {
            return Some(Duration::ZERO);
        }
        self.wake.into_iter().chain(self.engine.due()).min()
    }

    fn item(&mut self, now: Duration) -> Value {
        let item = self.next(now, true, &mut Context::from_waker(Waker::noop()));
        // The thing that was due was no item: time has passed.
        Opaque::new(item.unwrap_or(Item { now, what: Happened::Tick(None) })).into()
    }

    fn give(&mut self, feedback: &Value, _: Duration) {
        if let Some(ask) = said(feedback) {
            self.ask(ask);
        }
    }
}
