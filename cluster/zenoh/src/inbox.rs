//! The things that Zenoh has told, until the gateway hears them.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use marketplace::Text;
use marketplace_cluster::EngineEvent;

use crate::keys::Vm;
use crate::log_words::LogWords;

/// How many machines are known at a time.
const MACHINES: usize = 10_000;

/// How many epochs of one name are known at a time: of one that has just ended, and of one that
/// calls itself so. A machine chooses its epochs.
const EPOCHS: usize = 4;

/// If so many packets, or bytes, of a name wait, further ones are lost. They are more than a
/// machine sends before it is told that they were heard.
const HELD: usize = 8192;
const HELD_BYTES: usize = 16 << 20;

/// The things that Zenoh has told. The threads of Zenoh fill it, and never wait here.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<State>);

#[derive(Default)]
struct State {
    events: VecDeque<EngineEvent>,
    /// The machines that are up, and what of them waits.
    machines: BTreeMap<Vm, Held>,
    /// How many bytes a packet may have.
    limit: usize,
    /// How many machines have come.
    came: u64,
    /// The others know of this machine: so it can be answered when it speaks.
    is_open: bool,
    /// How many of the events are of a session before, and may be heard all the same.
    before: usize,
    told: LogWords,
    waker: Option<Waker>,
}

#[derive(Default)]
struct Held {
    /// How many machines had come before it.
    came: u64,
    packets: usize,
    bytes: usize,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bounds the bytes of a packet.
    pub(crate) fn set_limit(&self, limit: usize) {
        self.lock().limit = limit;
    }

    /// A machine is up. It may have been told before.
    pub(crate) fn up(&self, vm: Vm) {
        let mut state = self.lock();
        if state.machines.contains_key(&vm) {
            return;
        }
        if state.machines.len() >= MACHINES {
            return Self::warn(state, "too many machines", || format!("`{}` is not heeded", vm.0));
        }
        let same = state.machines.range(epochs(&vm.0));
        if let (EPOCHS.., Some(oldest)) = (same.clone().count(), same.min_by_key(|(_, held)| held.came)) {
            let oldest = oldest.0.clone();
            Self::end(&mut state, &oldest);
            let why = || format!("`{}` comes once more: the first of them is put down", vm.0);
            state.told.warn("too many machines of one name", why);
        }
        let came = state.came;
        state.came += 1;
        state.machines.insert(vm.clone(), Held { came, ..Held::default() });
        state.events.push_back(EngineEvent::Up(vm.0, vm.1));
        Self::wake(state);
    }

    /// A machine is up no more.
    pub(crate) fn down(&self, vm: &Vm) {
        let mut state = self.lock();
        Self::end(&mut state, vm);
        Self::wake(state);
    }

    fn end(state: &mut State, vm: &Vm) {
        if state.machines.remove(vm).is_none() {
            return;
        }
        let is_up = |event: &EngineEvent| matches!(event, EngineEvent::Up(name, epoch) if (name, *epoch) == (&vm.0, vm.1));
        match state.events.iter().rposition(is_up) {
            // Nobody has heard that it was up: nobody hears of it. So what waits has a bound.
            Some(up) => {
                let mut at = 0;
                state.events.retain(|event| {
                    at += 1;
                    at <= up || !is_of(event, vm)
                });
            }
            None => state.events.push_back(EngineEvent::Down(vm.0.clone(), vm.1)),
        }
    }

    /// A packet has come from a machine.
    pub(crate) fn packet(&self, vm: Vm, packet: Bytes) {
        let mut state = self.lock();
        let (limit, length) = (state.limit, packet.len());
        if !state.machines.contains_key(&vm) {
            let why = || format!("`{}` speaks, and has not come", vm.0);
            return Self::warn(state, "a packet of a stranger is lost", why);
        }
        let of_name = state.machines.range(epochs(&vm.0)).map(|(_, held)| (held.packets, held.bytes));
        let (packets, bytes) = of_name.fold((0, 0), |all, held| (all.0 + held.0, all.1 + held.1));
        let is_full = packets >= HELD || bytes + length > HELD_BYTES.max(2 * limit);
        if length > limit || is_full {
            // The gateway finds out that it is missing.
            let why = || match is_full {
                true => format!("more of `{}` waits than it may send", vm.0),
                false => format!("one of `{}` has {length} bytes, and may have {limit}", vm.0),
            };
            return Self::warn(state, "a packet is lost", why);
        }
        if let Some(held) = state.machines.get_mut(&vm) {
            held.packets += 1;
            held.bytes += length;
        }
        state.events.push_back(EngineEvent::From(vm.0, vm.1, packet));
        Self::wake(state);
    }

    /// There is room for packets to a machine again.
    pub(crate) fn ready(&self, vm: &Vm) {
        let mut state = self.lock();
        state.events.push_back(EngineEvent::Ready(vm.0.clone(), vm.1));
        Self::wake(state);
    }

    /// The others know of this machine.
    pub(crate) fn open(&self) {
        let mut state = self.lock();
        state.is_open = true;
        Self::wake(state);
    }

    /// Lets the host say this.
    pub(crate) fn tell(&self, kind: &'static str, why: impl FnOnce() -> String) {
        Self::warn(self.lock(), kind, why);
    }

    /// Lets the host say this, in full.
    pub(crate) fn tell_all(&self, words: &str) {
        let mut state = self.lock();
        if state.told.all(words) {
            Self::wake(state);
        }
    }

    fn warn(mut state: MutexGuard<'_, State>, kind: &'static str, why: impl FnOnce() -> String) {
        if state.told.warn(kind, why) {
            Self::wake(state);
        }
    }

    /// No machine is up any more: the session has ended. The others do not know of this machine
    /// until it is open again.
    pub(crate) fn all_down(&self) {
        let mut state = self.lock();
        let machines: Vec<_> = state.machines.keys().cloned().collect();
        machines.iter().for_each(|vm| Self::end(&mut state, vm));
        state.is_open = false;
        state.before = state.events.len();
        Self::wake(state);
    }

    pub(crate) fn has_nobody(&self) -> bool {
        self.lock().machines.is_empty()
    }

    /// Whether a machine of this name is up.
    pub(crate) fn has(&self, name: &Text) -> bool {
        self.lock().machines.range(epochs(name)).next().is_some()
    }

    /// Lets whoever polls look again.
    pub(crate) fn look_again(&self) {
        Self::wake(self.lock());
    }

    fn wake(mut state: MutexGuard<'_, State>) {
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Remembers who polls, before it looks.
    pub(crate) fn awaits(&self, cx: &Context<'_>) {
        self.lock().waker = Some(cx.waker().clone());
    }

    /// Says what is to be said: the host's thread has a log.
    pub(crate) fn say(&self) {
        let next = || self.lock().told.next();
        while let Some(words) = next() {
            tracing::warn!("{words}");
        }
    }

    pub(crate) fn poll_event(&self, cx: &Context<'_>) -> Poll<EngineEvent> {
        self.say();
        let mut state = self.lock();
        let may_be_heard = state.is_open || state.before > 0;
        let event = if may_be_heard { state.events.pop_front() } else { None };
        state.before = state.before.saturating_sub(1);
        let Some(event) = event else {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        if let EngineEvent::From(name, epoch, packet) = &event
            && let Some(held) = state.machines.get_mut(&(name.clone(), *epoch))
        {
            // One that has gone and come again begins anew: what waits of it is of before.
            held.packets = held.packets.saturating_sub(1);
            held.bytes = held.bytes.saturating_sub(packet.len());
        }
        Poll::Ready(event)
    }
}

/// All epochs of a name.
fn epochs(name: &Text) -> RangeInclusive<Vm> {
    (name.clone(), 0)..=(name.clone(), u64::MAX)
}

fn is_of(event: &EngineEvent, vm: &Vm) -> bool {
    let (EngineEvent::Up(name, epoch)
    | EngineEvent::Down(name, epoch)
    | EngineEvent::From(name, epoch, _)
    | EngineEvent::Ready(name, epoch)) = event;
    (name, *epoch) == (&vm.0, vm.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(inbox: &Inbox) -> Vec<EngineEvent> {
        let cx = Context::from_waker(Waker::noop());
        std::iter::from_fn(|| match inbox.poll_event(&cx) {
            Poll::Ready(event) => Some(event),
            Poll::Pending => None,
        })
        .collect()
    }

    fn opened() -> Inbox {
        let inbox = Inbox::default();
        inbox.set_limit(1 << 20);
        inbox.open();
        inbox
    }

    fn bob() -> Vm {
        ("bob".into(), 7)
    }

    const WORD: Bytes = Bytes::from_static(b"word");

    #[test]
    fn c1_a_machine_that_comes_twice_is_told_once_and_so_is_its_end() {
        let inbox = opened();
        inbox.down(&bob());
        inbox.up(bob());
        inbox.up(bob());
        assert_eq!(heard(&inbox), [EngineEvent::Up("bob".into(), 7)]);
        inbox.down(&bob());
        inbox.down(&bob());
        assert_eq!(heard(&inbox), [EngineEvent::Down("bob".into(), 7)]);
    }

    #[test]
    fn c1_nothing_is_told_before_the_others_know_this_machine() {
        let inbox = Inbox::default();
        inbox.up(bob());
        assert_eq!(heard(&inbox), []);
        inbox.open();
        assert_eq!(heard(&inbox), [EngineEvent::Up("bob".into(), 7)]);
    }

    #[test]
    fn c3_nothing_is_heard_of_a_machine_that_is_not_up() {
        let inbox = opened();
        inbox.packet(bob(), WORD);
        inbox.up(bob());
        inbox.packet(("bob".into(), 8), WORD);
        inbox.packet(bob(), WORD);
        inbox.down(&bob());
        inbox.packet(bob(), WORD);
        assert_eq!(heard(&inbox), []);
        inbox.up(bob());
        inbox.packet(bob(), WORD);
        assert_eq!(
            heard(&inbox),
            [EngineEvent::Up("bob".into(), 7), EngineEvent::From("bob".into(), 7, WORD)]
        );
    }

    #[test]
    fn c5_the_last_words_of_a_machine_come_before_its_end() {
        let inbox = opened();
        inbox.up(bob());
        assert_eq!(heard(&inbox).len(), 1);
        inbox.packet(bob(), WORD);
        inbox.down(&bob());
        assert_eq!(
            heard(&inbox),
            [EngineEvent::From("bob".into(), 7, WORD), EngineEvent::Down("bob".into(), 7)]
        );
    }

    #[test]
    fn c10_machines_that_come_and_go_and_speak_take_bounded_room_while_nobody_listens() {
        let inbox = opened();
        inbox.up(bob());
        assert_eq!(heard(&inbox).len(), 1);
        for _ in 0..3 * HELD {
            inbox.packet(bob(), WORD);
        }
        for epoch in 0..1000 {
            inbox.up(("eve".into(), epoch));
            inbox.down(&("eve".into(), epoch));
            inbox.down(&bob());
            inbox.up(bob());
        }
        let events = heard(&inbox);
        assert_eq!(events.len(), HELD + 2);
        assert_eq!(events[HELD..], [EngineEvent::Down("bob".into(), 7), EngineEvent::Up("bob".into(), 7)]);
    }

    #[test]
    fn c10_no_more_machines_are_known_than_a_bound() {
        let inbox = opened();
        for epoch in 0..MACHINES as u64 + 10 {
            inbox.up((format!("eve{epoch}").into(), epoch));
        }
        assert_eq!(heard(&inbox).len(), MACHINES);
    }

    #[test]
    fn c10_all_epochs_of_a_name_have_the_room_of_one_and_leave_room_for_others() {
        let inbox = opened();
        let large = Bytes::from(vec![0; 1 << 20]);
        for epoch in 0..MACHINES as u64 + 10 {
            // The last that came has the least number.
            let eve = ("eve".into(), u64::MAX - epoch);
            inbox.up(eve.clone());
            for _ in 0..if epoch < 100 { 16 } else { 0 } {
                inbox.packet(eve.clone(), large.clone());
            }
        }
        inbox.up(bob());
        inbox.packet(bob(), large);
        let waits = inbox.lock().events.iter().filter(|event| matches!(event, EngineEvent::From(..))).count();
        assert!(waits <= 1 + (HELD_BYTES >> 20), "{waits}");
        let last = u64::MAX - (MACHINES as u64 + 9);
        let ups = heard(&inbox).into_iter().filter_map(|event| match event {
            EngineEvent::Up(name, epoch) => Some((name, epoch)),
            _ => None,
        });
        let eves = (0..EPOCHS as u64).rev().map(|n| ("eve".into(), last + n));
        assert_eq!(ups.collect::<Vec<_>>(), eves.chain([bob()]).collect::<Vec<_>>());
    }

    #[test]
    fn c1_in_a_second_session_ends_are_told_and_nothing_more_before_the_others_know_this_machine() {
        let inbox = opened();
        inbox.up(bob());
        assert_eq!(heard(&inbox).len(), 1);
        inbox.packet(bob(), WORD);
        inbox.all_down();
        inbox.up(bob());
        let before = [EngineEvent::From("bob".into(), 7, WORD), EngineEvent::Down("bob".into(), 7)];
        assert_eq!(heard(&inbox), before);
        inbox.open();
        assert_eq!(heard(&inbox), [EngineEvent::Up("bob".into(), 7)]);
    }

    #[test]
    fn c10_large_packets_are_bounded_together_and_each() {
        let inbox = opened();
        inbox.up(bob());
        let large = Bytes::from(vec![0; 1 << 20]);
        for _ in 0..100 {
            inbox.packet(bob(), large.clone());
        }
        assert_eq!(heard(&inbox).len(), 1 + (HELD_BYTES >> 20));
        inbox.packet(bob(), Bytes::from(vec![0; (1 << 20) + 1]));
        assert_eq!(heard(&inbox), []);
        // A packet that was heard makes room.
        inbox.packet(bob(), large);
        assert_eq!(heard(&inbox).len(), 1);
    }
}
