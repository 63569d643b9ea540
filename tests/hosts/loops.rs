//! Vats that a loop of the user's turns over.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use futures_util::FutureExt;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Churn, Envelope, Pump, Vat, VatError, VatHost, VatOptions};

use crate::{LIMIT, counter, next, watched};

/// A vat for a loop, and what tells the loop that there is something to do.
fn manual() -> (Vat, Pump, Receiver<()>) {
    let (ring, rung) = channel();
    let (vat, pump) = Vat::manual(
        VatOptions::default(),
        |_| transition_no_state!(),
        move || {
            let _ = ring.send(());
        },
    );
    (vat, pump, rung)
}

/// Whether the loop was told that there is something to do.
fn rings(rung: &Receiver<()>) -> bool {
    rung.try_iter().count() > 0
}

#[test]
fn a_pump_answers_who_asks() {
    let (vat, mut pump, rung) = manual();
    pump.pump();
    let far = vat.spawn_object(counter()).unwrap();
    assert!(rings(&rung));
    let mut asked = vat.ask(|cx| far.add(cx, 3));
    assert!(rings(&rung));
    vat.tell(|cx| far.add(cx, 4)).unwrap();
    assert!(rings(&rung));
    assert_eq!((&mut asked).now_or_never(), None);
    pump.pump();
    assert_eq!(asked.now_or_never(), Some(Ok(3)));
    let asked = vat.ask(|cx| far.count(cx));
    pump.pump();
    assert_eq!(asked.now_or_never(), Some(Ok(7)));
}

/// A thread that turns the vat would wait for itself.
#[test]
fn a_pump_does_not_wait() {
    let (vat, mut pump, _rung) = manual();
    let far = vat.spawn_object(counter()).unwrap();
    pump.pump();
    assert_eq!(vat.ask(|cx| far.count(cx)).wait(), Err(VatError::SameThread));
}

/// A loop that sleeps until it is told so loses no handle, on whatever thread it is dropped.
#[test]
fn o18_a_handle_that_is_dropped_wakes_the_loop() {
    let (vat, mut pump, rung) = manual();
    for on_a_thread in [false, true] {
        let (counter, told) = watched();
        let far = vat.spawn_object(counter).unwrap();
        pump.pump();
        rings(&rung);
        assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
        if on_a_thread {
            thread::spawn(move || drop(far)).join().unwrap();
        } else {
            drop(far);
        }
        assert!(rings(&rung), "on a thread: {on_a_thread}");
        pump.pump();
        assert_eq!(next(&told), Ok("released"));
        assert_eq!(next(&told), Ok("dropped"));
    }
}

#[test]
fn o15_a_resolver_that_is_dropped_wakes_the_loop() {
    let (vat, mut pump, rung) = manual();
    let (later, resolver) = promise::<u64>();
    let asked = vat.ask(|_| later.clone());
    pump.pump();
    rings(&rung);
    drop(resolver);
    assert!(rings(&rung));
    pump.pump();
    let why = crate::why(asked.now_or_never().unwrap());
    assert_eq!(Broken::of(&why), Some(&Broken::Abandoned));
}

/// A frame has time for so much: an answer takes some frames, and comes.
#[test]
fn a_frame_at_a_time_answers_too() {
    let (vat, mut pump, _rung) = manual();
    let far = vat.spawn_object(counter()).unwrap();
    let asked = vat.ask(|cx| {
        for _ in 0..100 {
            far.add(cx, 1);
        }
        far.count(cx)
    });
    let mut frames = 0;
    while pump.pump_max(10) {
        frames += 1;
    }
    assert!(frames > 5, "{frames}");
    assert_eq!(asked.now_or_never(), Some(Ok(100)));
}

#[test]
fn a_pump_that_is_dropped_tells_who_asks() {
    let (vat, mut pump, _rung) = manual();
    let far = vat.spawn_object(counter()).unwrap();
    let later = vat.ask(|cx| far.later(cx));
    pump.pump();
    let waits = vat.ask(|cx| far.count(cx));
    drop(pump);
    assert_eq!(waits.now_or_never(), Some(Err(VatError::NotRunning)));
    assert_eq!(later.now_or_never(), Some(Err(VatError::NotRunning)));
}

/// Its destructor panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("nobody hears this");
    }
}

#[object]
impl Bomb {}

#[test]
fn what_waits_for_a_pump_that_is_dropped_goes_one_by_one() {
    let (vat, pump, _rung) = manual();
    let _bombs = [(); 2].map(|()| vat.spawn_object(Bomb).unwrap());
    let waits = vat.ask(|_| promise::<u32>().0);
    drop(pump);
    assert_eq!(waits.now_or_never(), Some(Err(VatError::NotRunning)));
}

/// A host of the user's, with a thread and a channel.
#[derive(Clone, Default)]
pub(crate) struct Loop {
    envelopes: Arc<Mutex<Option<Sender<Envelope>>>>,
    sent: Arc<AtomicUsize>,
}

impl VatHost for Loop {
    fn start(&self, mut churn: Churn) {
        let (sender, envelopes) = channel::<Envelope>();
        *self.envelopes.lock().unwrap() = Some(sender);
        thread::spawn(move || {
            while churn.pump() {
                let Ok(envelope) = envelopes.recv() else { return };
                churn.feed(envelope);
            }
        });
    }
    fn halt(&self) {
        *self.envelopes.lock().unwrap() = None;
    }
    fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        match &*self.envelopes.lock().unwrap() {
            Some(envelopes) => envelopes.send(envelope).map_err(|error| error.0),
            None => Err(envelope),
        }
    }
}

#[test]
fn a_host_of_the_users_is_asked_as_any() {
    let host = Loop::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    let (counter, told) = watched();
    let far = vat.spawn_object(counter).unwrap();
    vat.tell(|cx| far.add(cx, 3)).unwrap();
    assert_eq!(vat.ask(|cx| far.add(cx, 4)).wait(), Ok(7));
    assert_eq!(host.sent.load(Ordering::SeqCst), 3, "an envelope each");
    drop(far);
    assert_eq!(next(&told), Ok("released"));
    assert_eq!(next(&told), Ok("dropped"));
    let far = vat.spawn_object(crate::counter()).unwrap();
    let waits = vat.ask(|cx| far.later(cx));
    vat.halt();
    assert_eq!(waits.wait(), Err(VatError::NotRunning));
    assert!(LIMIT.as_secs() > 0);
}
