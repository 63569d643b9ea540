//! An outer half over an engine that a test leads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;

use super::{Ask, Half, Happened};
use crate::engine::{Engine, EngineEvent, Sending};

/// An engine that a test leads.
#[derive(Clone, Default)]
struct Led(Arc<Mutex<Wire>>);

#[derive(Default)]
struct Wire {
    events: VecDeque<EngineEvent>,
    /// How many packets find room.
    room: usize,
    sent: usize,
}

impl Led {
    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Led {
    fn open(&mut self, _: &Text, _: u64) {}

    fn send(&mut self, _: &Text, _: u64, _: &Bytes) -> Sending {
        let mut wire = self.wire();
        if wire.sent >= wire.room {
            return Sending::Full;
        }
        wire.sent += 1;
        Sending::Taken
    }

    fn poll_event(&mut self, _: &mut Context<'_>) -> Poll<EngineEvent> {
        self.wire().events.pop_front().map_or(Poll::Pending, Poll::Ready)
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// An outer half that is open, and its engine.
fn open() -> (Half, Led) {
    let led = Led::default();
    let mut half = Half::new(Box::new(led.clone()), "a".into(), 1);
    assert!(matches!(next(&mut half, 0), Some(Happened::Opened)));
    (half, led)
}

/// The next item at this time.
fn next(half: &mut Half, seconds: u64) -> Option<Happened> {
    poll(half, seconds, true)
}

fn poll(half: &mut Half, seconds: u64, has_waited: bool) -> Option<Happened> {
    let now = Duration::from_secs(seconds);
    half.next(now, has_waited, &mut Context::from_waker(Waker::noop())).map(|item| item.what)
}

#[test]
fn c10_packets_for_a_machine_that_takes_none_do_not_grow_without_bound() {
    for (bytes, most) in [(60, 8192), (64 << 10, 256), (17 << 20, 1)] {
        let (mut half, led) = open();
        let packet = Bytes::from(vec![0; bytes]);
        for _ in 0..20_000 {
            half.ask(Ask::Send("b".into(), 7, packet.clone()));
        }
        // The first of them go, when there is room.
        led.wire().room = usize::MAX;
        led.wire().events.push_back(EngineEvent::Ready("b".into(), 7));
        assert!(next(&mut half, 0).is_none());
        assert_eq!(led.wire().sent, most, "of {bytes} bytes");
        // After that none waits.
        half.ask(Ask::Send("b".into(), 7, packet));
        assert_eq!(led.wire().sent, most + 1);
    }
}

#[test]
fn c7_packets_that_have_come_are_heard_before_silence() {
    let (mut half, led) = open();
    let come = |count| {
        let from = (0..count).map(|_| EngineEvent::From("b".into(), 7, Bytes::new()));
        led.wire().events.extend(from);
    };
    half.ask(Ask::Wake(Duration::from_secs(5)));
    assert!(next(&mut half, 4).is_none());
    // A long turn is over, and two packets have come. A tick between them knows of no silence.
    come(2);
    assert!(matches!(next(&mut half, 9), Some(Happened::Event(_))));
    assert!(matches!(next(&mut half, 9), Some(Happened::Tick(None))));
    half.ask(Ask::Wake(Duration::from_secs(6)));
    assert!(matches!(next(&mut half, 9), Some(Happened::Event(_))));
    assert!(matches!(next(&mut half, 9), Some(Happened::Tick(None))));
    half.ask(Ask::Wake(Duration::from_secs(7)));
    // The host has not looked at its sockets since.
    assert!(poll(&mut half, 9, false).is_none());
    assert!(matches!(next(&mut half, 9), Some(Happened::Tick(Some(heard))) if heard.as_secs() == 7));
    assert!(next(&mut half, 9).is_none());
    // Events without end do not hold up a tick.
    come(100);
    half.ask(Ask::Wake(Duration::from_secs(10)));
    let ticks = (0..100).filter(|_| {
        let ticks = matches!(poll(&mut half, 11, false), Some(Happened::Tick(None)));
        half.ask(Ask::Wake(Duration::from_secs(10)));
        ticks
    });
    assert_eq!(ticks.count(), 50);
}
