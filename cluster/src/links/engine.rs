//! The engine: it listens, dials, and carries packets on one connection to each machine.
//!
//! Each machine dials all others of its list whose addresses it knows, while it has no connection
//! to them. Of two machines, the one whose name is the lesser decides: it says welcome on the first
//! connection that has come to stand, and packets go there. A connection that was dialled ends at
//! once if another one stands by then: so two that dial each other at once keep one. If one more
//! comes and stays, the first one must have broken at the other side: it waits, and after a quarter
//! of the lease it is welcome in the place of the first.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;
use marketplace_captp::transport::tcp::Listener;
use tokio::task::{AbortHandle, JoinSet, coop};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

use crate::engine::{Engine, EngineEvent, Sending};
use crate::links::complaints::Complaints;
use crate::links::connection::{Connection, Phase};
use crate::links::dials::Dials;
use crate::links::input::End;
use crate::links::meeting::{Me, Met, Vm};
use crate::links::refused::{Cause, Refused};
use crate::links::words::Word;
use crate::settings::Settings;

/// How many connections may be about to say who they are. If there is one more, the oldest ends.
const COMING: usize = 64;

/// How many connections are accepted before the others are looked at.
const AT_ONCE: usize = 16;

/// How many connections a machine may have, whatever its epochs.
const EACH: usize = 8;

pub(super) struct LinksEngine {
    /// This machine. It is shared with those that meet others, when the engine is open.
    me: Arc<Me>,
    listener: Option<Listener>,
    lease: Duration,
    /// How many bytes a packet may have.
    limit: usize,
    connections: Vec<Connection>,
    /// Which connection is read first.
    first: usize,
    meetings: JoinSet<Meeting>,
    /// Those of the meetings that have come, and from where: the oldest first.
    coming: VecDeque<(AbortHandle, SocketAddr)>,
    dials: Dials,
    events: VecDeque<EngineEvent>,
    clock: Option<Interval>,
    /// It is time to look who has been silent.
    judges: bool,
    complaints: Complaints,
}

/// The end of a meeting.
enum Meeting {
    Came(SocketAddr, Result<Met, Refused>),
    Dialled(Text, Result<Met, String>),
}

impl LinksEngine {
    pub(super) fn new(me: Me, listener: Option<Listener>) -> Self {
        let mut engine = Self {
            me: Arc::new(me),
            listener,
            lease: Duration::ZERO,
            limit: 0,
            connections: Vec::new(),
            first: 0,
            meetings: JoinSet::new(),
            coming: VecDeque::new(),
            dials: Dials::default(),
            events: VecDeque::new(),
            clock: None,
            judges: false,
            complaints: Complaints::default(),
        };
        engine.heed(&Settings::default());
        engine
    }

    /// Whether this machine decides which connection to another one is used.
    fn decides(&self, other: &Vm) -> bool {
        self.me.vm < *other
    }

    fn standing(&self, vm: &Vm) -> Option<usize> {
        self.connections.iter().position(|one| one.phase == Phase::Stands && one.vm == *vm)
    }

    /// Dials the machines to which there is no connection.
    fn dial_all(&mut self) {
        let me = self.me.clone();
        let others = me.list.iter().filter(|(name, listed)| listed.address.is_some() && **name != me.vm.0);
        for (name, _) in others {
            self.dial(name);
        }
    }

    fn dial(&mut self, name: &Text) {
        let listed = self.me.list.get(name);
        let can = *name != self.me.vm.0 && listed.is_some_and(|listed| listed.address.is_some());
        if !can || self.dials.is_dialled(name) || self.connections.iter().any(|one| one.vm.0 == *name) {
            return;
        }
        let (me, pause, whom) = (self.me.clone(), self.dials.pause(name), name.clone());
        let task = self.meetings.spawn(async move {
            sleep(pause).await;
            let met = me.dial(whom.clone()).await;
            Meeting::Dialled(whom, met)
        });
        self.dials.begins(name, task);
    }

    fn poll_listener(&mut self, cx: &mut Context<'_>) {
        let Some(listener) = &mut self.listener else { return };
        for _ in 0..AT_ONCE {
            let Poll::Ready((stream, at)) = listener.poll_accept(cx) else { return };
            let me = self.me.clone();
            let task = self.meetings.spawn(async move { Meeting::Came(at, me.accept(stream, at).await) });
            self.coming.push_back((task, at));
            if self.coming.len() <= COMING {
                continue;
            }
            // So nobody can hold all places without a word.
            if let Some((oldest, at)) = self.coming.pop_front() {
                oldest.abort();
                let why = "too many have connected and said nothing";
                self.complaints.refused(at, &Cause::Crowd.because(why));
            }
        }
        cx.waker().wake_by_ref();
    }

    fn poll_meetings(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(meeting)) = self.meetings.poll_join_next_with_id(cx) {
            match meeting {
                Ok((id, Meeting::Came(at, met))) => {
                    self.coming.retain(|(task, _)| task.id() != id);
                    match met {
                        Ok(met) => self.meets(met),
                        Err(why) => self.complaints.refused(at, &why),
                    }
                }
                Ok((_, Meeting::Dialled(name, met))) => {
                    self.dials.is_over(&name);
                    match met {
                        // When it was dialled, there was none. Two would race for which one ends.
                        Ok(met) if self.standing(&met.vm).is_some() => {}
                        Ok(met) => self.meets(met),
                        Err(why) => {
                            self.complaints.failed(&name, &why);
                            self.dials.failed(&name);
                            self.dial(&name);
                        }
                    }
                }
                // It was ended: a connection has come, or too many.
                Err(error) => debug_assert!(error.is_cancelled(), "{error}"),
            }
        }
    }

    /// Somebody has said who it is.
    pub(super) fn meets(&mut self, met: Met) {
        let decides = self.decides(&met.vm);
        if decides {
            // Of two that wait, the later one is more likely to be whole.
            self.connections.retain(|one| one.phase != Phase::Waits || one.vm != met.vm);
        }
        if self.connections.iter().filter(|one| one.vm.0 == met.vm.0).count() >= EACH {
            let why = format!("`{}` has too many connections", met.vm.0);
            return self.complaints.refused(met.at, &Cause::Many.of(&met.vm.0, why));
        }
        let phase = match decides {
            false => Phase::Asks,
            true if self.standing(&met.vm).is_some() => Phase::Waits,
            true => Phase::Stands,
        };
        let connection = Connection::new(met, phase);
        let index = self.connections.len();
        self.connections.push(connection);
        if phase == Phase::Stands {
            self.welcome(index);
        }
    }

    /// Packets go on this connection from now on.
    fn welcome(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        connection.phase = Phase::Stands;
        connection.say(&Word::Welcome);
        self.stands(index);
    }

    fn stands(&mut self, index: usize) {
        let Connection { vm, at, .. } = &self.connections[index];
        tracing::info!(machine = %vm.0, %at, "a link stands");
        // Before it stands, the other side may have chosen the connection that is being dialled.
        self.dials.stop(&vm.0);
        self.complaints.stands(&vm.0);
        self.events.push_back(EngineEvent::Up(vm.0.clone(), vm.1));
    }

    /// The other side has said welcome on this connection.
    fn is_welcome(&mut self, index: usize) {
        let vm = self.connections[index].vm.clone();
        let others = self.connections.iter().enumerate().filter(|(at, one)| *at != index && one.vm == vm);
        if others.clone().any(|(_, one)| one.phase == Phase::Stands) {
            // The other side believes that the earlier one has broken.
            self.events.push_back(EngineEvent::Down(vm.0.clone(), vm.1));
        }
        let others: Vec<_> = others.map(|(at, _)| at).collect();
        self.stands(index);
        for other in others.into_iter().rev() {
            self.connections.remove(other);
        }
    }

    /// A connection has ended.
    fn lose(&mut self, index: usize, end: &End) {
        let lost = self.connections.remove(index);
        let name = &lost.vm.0;
        match end {
            End::Bad(why) => {
                self.complaints.refused(lost.at, &Cause::Bad.of(name, format!("`{name}`: {why}")));
            }
            End::Gone(why) if lost.phase == Phase::Stands => {
                tracing::info!(machine = %name, at = %lost.at, "a link has ended: {why}");
            }
            End::Gone(_) => {}
        }
        if lost.phase == Phase::Stands {
            self.events.push_back(EngineEvent::Down(name.clone(), lost.vm.1));
            let waits = |one: &Connection| one.phase == Phase::Waits && one.vm == lost.vm;
            if let Some(heir) = self.connections.iter().position(waits) {
                self.welcome(heir);
            }
        }
        if self.connections.iter().any(|one| one.vm.0 == *name) {
            return;
        }
        if lost.since.elapsed() < self.lease {
            self.dials.failed(name);
        } else {
            self.dials.did_well(name);
        }
        self.dial(name);
    }

    /// The next packet of any connection.
    fn poll_connections(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent> {
        let mut left = self.connections.len();
        let mut index = self.first;
        // If its time is used up on one, the next turn begins with another.
        self.first = index.wrapping_add(1);
        while left > 0 {
            index %= self.connections.len();
            match self.connections[index].poll_packet(self.limit, cx) {
                Poll::Ready(Ok(packet)) if packet.is_empty() => {
                    self.is_welcome(index);
                    return self.poll_told();
                }
                Poll::Ready(Ok(packet)) => {
                    self.first = index + 1;
                    let (name, epoch) = self.connections[index].vm.clone();
                    return Poll::Ready(EngineEvent::From(name, epoch, packet));
                }
                Poll::Ready(Err(end)) => {
                    self.lose(index, &end);
                    // Its place is another one's now.
                    left = self.connections.len();
                    if !self.events.is_empty() {
                        return self.poll_told();
                    }
                }
                Poll::Pending => {
                    left -= 1;
                    index += 1;
                }
            }
        }
        Poll::Pending
    }

    fn poll_told(&mut self) -> Poll<EngineEvent> {
        self.events.pop_front().map_or(Poll::Pending, Poll::Ready)
    }

    fn poll_clock(&mut self, cx: &mut Context<'_>) {
        let lease = self.lease;
        let clock = self.clock.get_or_insert_with(|| {
            let mut clock = interval((lease / 8).max(Duration::from_millis(1)));
            clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
            clock
        });
        while clock.poll_tick(cx).is_ready() {
            self.judges = true;
            let now = Instant::now();
            for one in self.connections.iter_mut().filter(|one| one.phase == Phase::Stands) {
                // The other side is to hear something in each quarter of the lease.
                if now - one.said >= lease / 8 {
                    one.beat(now);
                }
            }
        }
    }

    /// Looks who has been silent for too long. All that had come has been read.
    fn judge(&mut self) {
        let (now, lease) = (Instant::now(), self.lease);
        let mut index = 0;
        while let Some(one) = self.connections.get(index) {
            let stands = one.phase != Phase::Stands && self.standing(&one.vm).is_some();
            let why = match one.phase {
                // It is neither wanted by us nor welcome there.
                Phase::Asks if stands && now - one.since >= lease / 8 => Some("there is another one"),
                Phase::Waits if now - one.since >= lease / 4 => {
                    self.replace(index);
                    index = 0;
                    continue;
                }
                Phase::Stands | Phase::Asks if now - one.heard >= lease => {
                    Some("nothing has come for the lease")
                }
                _ if one.stuck_since().is_some_and(|since| now - since >= lease) => {
                    Some("it has taken nothing for the lease")
                }
                _ => None,
            };
            match why {
                Some(why) => self.lose(index, &End::Gone(why.to_string())),
                None => index += 1,
            }
        }
    }

    /// The connection that waits takes the place of the one that stands.
    fn replace(&mut self, index: usize) {
        let vm = self.connections[index].vm.clone();
        match self.standing(&vm) {
            Some(old) => self.lose(old, &End::Gone("the other side has made another one".to_string())),
            None => self.welcome(index),
        }
    }

    fn flush_all(&mut self, cx: &mut Context<'_>) {
        for one in &mut self.connections {
            if one.flush(cx) {
                self.events.push_back(EngineEvent::Ready(one.vm.0.clone(), one.vm.1));
                cx.waker().wake_by_ref();
            }
        }
    }
}

impl Engine for LinksEngine {
    fn heed(&mut self, settings: &Settings) {
        self.lease = settings.lease;
        // A packet is a frame, or more that have 64 KiB together. The rest is what is around them.
        self.limit = settings.message_bytes.max(64 << 10) + 4096;
    }

    fn open(&mut self, name: &Text, epoch: u64) {
        let lease = self.lease;
        if let Some(me) = Arc::get_mut(&mut self.me) {
            me.vm = (name.clone(), epoch);
            me.patience = lease;
        }
        if let Some(listener) = &self.listener {
            tracing::info!("links to {name} at {}", listener.local());
        }
        self.dial_all();
    }

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        let known =
            |one: &&mut Connection| one.phase == Phase::Stands && one.vm.1 == epoch && one.vm.0 == *to;
        match self.connections.iter_mut().find(known) {
            Some(one) => match one.enqueue(packet, Instant::now()) {
                true => Sending::Taken,
                false => Sending::Full,
            },
            None => Sending::Taken,
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                // A welcome may wait.
                self.flush_all(cx);
                return Poll::Ready(event);
            }
            self.poll_listener(cx);
            self.poll_meetings(cx);
            if !self.events.is_empty() {
                continue;
            }
            if let Poll::Ready(event) = self.poll_connections(cx) {
                return Poll::Ready(event);
            }
            self.poll_clock(cx);
            // Nothing comes of a task that has used up its time, and that is no silence.
            if self.judges && coop::has_budget_remaining() {
                self.judges = false;
                self.judge();
            }
            self.flush_all(cx);
            if self.events.is_empty() {
                return Poll::Pending;
            }
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) {
        self.poll_clock(cx);
        self.flush_all(cx);
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.listener = None;
        self.dials.stop_all();
        self.meetings.abort_all();
        let limit = self.limit;
        self.connections.retain_mut(|one| one.poll_close(limit, cx).is_pending());
        if self.connections.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}
