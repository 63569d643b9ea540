//! Threads and tasks speak to the objects of vats.

mod asking;
mod ends;
mod futures;
mod handles;
mod loops;
mod other_vats;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

/// How long a test waits for what must come: only a hang is longer.
const LIMIT: Duration = Duration::from_secs(60);

/// Counts, makes more of its kind, and keeps those who ask for `later` waiting.
struct Counter {
    count: u64,
    later: Vec<Resolver<u64>>,
    life: Option<Life>,
}

/// Tells a test what becomes of an object.
struct Life(Sender<&'static str>);

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("{0} is too much")]
struct TooMuch(u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) -> Result<u64, TooMuch> {
        if n > 1000 {
            return Err(TooMuch(n));
        }
        self.count += n;
        Ok(self.count)
    }

    fn count(&self) -> u64 {
        self.count
    }

    fn another(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.make(counter())
    }

    /// Answers when it is told to.
    fn later(&mut self) -> Promise<u64> {
        let (later, resolver) = promise::<u64>();
        self.later.push(resolver);
        later
    }

    /// Answers all who wait.
    fn now(&mut self, cx: &Cx<Self>) {
        let count = self.count;
        let answers = self.later.drain(..).map(|waits| waits.fulfill(count));
        cx.act(answers.collect::<ActionTree<Self>>());
    }

    /// Asks that counter.
    fn counts_of(&self, cx: &Cx<Self>, other: Far<Self>) -> Promise<u64> {
        other.count(cx)
    }

    fn fail(&self) {
        panic!("it fails");
    }

    #[method(released)]
    fn released(&mut self, _cx: &Cx<Self>) {
        if let Some(Life(tell)) = &self.life {
            let _ = tell.send("released");
        }
    }
}

fn counter() -> Counter {
    Counter { count: 0, later: Vec::new(), life: None }
}

/// A counter, and what becomes of it.
fn watched() -> (Counter, Receiver<&'static str>) {
    let (tell, told) = channel();
    (Counter { life: Some(Life(tell)), ..counter() }, told)
}

/// Waits for the next thing that becomes of an object.
fn next(told: &Receiver<&'static str>) -> Result<&'static str, RecvTimeoutError> {
    told.recv_timeout(LIMIT)
}

/// A vat with nothing in it, on its own thread.
fn vat() -> Vat {
    Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap()
}

/// A vat with a counter.
fn with_counter() -> (Vat, Far<Counter>) {
    let vat = vat();
    let far = vat.spawn_object(counter()).unwrap();
    (vat, far)
}

/// The reason for which there is no answer.
fn why<T: std::fmt::Debug>(answer: Result<T, VatError>) -> Reason {
    match answer {
        Err(VatError::Broken { reason }) => reason,
        other => panic!("it is not broken: {other:?}"),
    }
}

/// How many processes the vat has, when it has done what was asked of it before.
fn processes(vat: &Vat) -> usize {
    vat.call(|_| ()).unwrap();
    while vat.inspect(|debugger| debugger.stats().queued > 0).unwrap() {}
    vat.inspect(|debugger| debugger.stats().processes).unwrap()
}
