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
    half.next(Duration::from_secs(seconds), &mut Context::from_waker(Waker::noop())).map(|item| item.what)
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
