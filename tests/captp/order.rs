//! Order across connections (K4), with vats that get on at their own pace.

use std::sync::{Arc, Mutex};

use marketplace::objects::*;

use crate::vats::Vats;

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<u64>>>);

struct Recorder(Notes);

#[object]
impl Recorder {
    fn note(&self, n: u64) -> u64 {
        self.0.0.lock().unwrap().push(n);
        n
    }
}

/// Promises a recorder, and has it later.
struct Desk {
    recorder: Far<Recorder>,
    asked: Option<Resolver<Far<Recorder>>>,
}

#[object]
impl Desk {
    fn get(&mut self) -> Promise<Far<Recorder>> {
        let (recorder, resolver) = promise();
        self.asked = Some(resolver);
        recorder
    }

    fn open(&mut self, cx: &Cx<Self>) {
        let asked = self.asked.take();
        cx.act(asked.map(|asked| asked.fulfill(self.recorder.clone())));
    }
}

/// Numbers that look random: xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// One sender says numbers to the promise of a recorder, which is decided in another vat. The
/// recorder is in the vat of this number: 0 is home. Vats take steps in an order that `numbers`
/// says.
fn notes_of(recorder_in: usize, numbers: &mut Numbers) -> Vec<u64> {
    let notes = Notes::default();
    let mut vats = Vats::new(["a", "b", "c"]);
    let recorder = vats.sim(recorder_in).spawn_object(Recorder(notes.clone()));
    let uri = vats.publish(recorder_in, &recorder);
    let known = if recorder_in == 1 { recorder.clone() } else { vats.enliven(1, &uri) };
    let desk = vats.sim(1).spawn_object(Desk { recorder: known, asked: None });
    let uri = vats.publish(1, &desk);
    let desk: Far<Desk> = vats.enliven(0, &uri);
    let mut recorder = None;
    let got = vats.sim(0).ask(|cx| {
        let promise = desk.get(cx);
        recorder = Some(promise.clone());
        promise
    });
    let recorder = recorder.unwrap();
    let (count, opens) = (8, numbers.below(8));
    let mut answers = Vec::new();
    for n in 0..count {
        if n == opens {
            vats.sim(0).tell(|cx| desk.open(cx));
        }
        if numbers.below(2) == 0 {
            vats.sim(0).tell(|cx| recorder.note(cx, n));
        } else {
            answers.push((n, vats.sim(0).ask(|cx| recorder.note(cx, n))));
        }
        for _ in 0..numbers.below(12) {
            let (at, steps) = (numbers.below(3) as usize, numbers.below(10) as usize);
            vats.sim(at).run_steps(steps);
        }
    }
    vats.run();
    assert!(matches!(got.answer(), Some(Ok(_))));
    for (n, answer) in answers {
        assert_eq!(answer.answer(), Some(Ok(n)));
    }
    let notes = notes.0.lock().unwrap();
    notes.clone()
}

#[test]
fn k4_one_sender_is_heard_in_order_whatever_a_promise_is_settled_with() {
    for seed in 1..=12u64 {
        for recorder_in in 0..3 {
            let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ seed);
            let notes = notes_of(recorder_in, &mut numbers);
            assert_eq!(notes, (0..8).collect::<Vec<_>>(), "seed {seed}, in vat {recorder_in}");
        }
    }
}

/// A lock: `acquire` is answered when `release` is heard.
#[derive(Default)]
struct Lock(Option<Resolver<()>>);

#[object]
impl Lock {
    fn acquire(&mut self) -> Promise<()> {
        let (acquired, resolver) = promise();
        self.0 = Some(resolver);
        acquired
    }

    fn release(&mut self, cx: &Cx<Self>) {
        cx.act(self.0.take().map(|acquired| acquired.fulfill(())));
    }
}

struct LockDesk(Far<Lock>);

#[object]
impl LockDesk {
    fn get(&self) -> Far<Lock> {
        self.0.clone()
    }
}

/// The lock is at home, at the peer that decides, or at a third one. Nothing waits for the answer
/// of a method.
#[test]
fn k4_acquire_and_release_through_a_promise() {
    for lock_in in 0..3 {
        let mut vats = Vats::new(["a", "b", "c"]);
        let lock = vats.sim(lock_in).spawn_object(Lock::default());
        let uri = vats.publish(lock_in, &lock);
        let lock = if lock_in == 1 { lock } else { vats.enliven(1, &uri) };
        let desk = vats.sim(1).spawn_object(LockDesk(lock));
        let uri = vats.publish(1, &desk);
        let desk: Far<LockDesk> = vats.enliven(0, &uri);
        let asked = vats.ask(0, |cx| {
            let lock = desk.get(cx);
            let acquired = lock.acquire(cx);
            all(cx, [acquired, lock.release(cx)])
        });
        assert_eq!(asked.answer(), Some(Ok(vec![(), ()])), "in vat {lock_in}");
    }
}
