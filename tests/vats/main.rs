//! Vats: the rows of Goblins, by number, and what threads do to them.

mod causes;
mod halting;
mod hosting;
mod logical_time;
mod passing;
mod present;
mod seed;
mod streams;
mod threads;
mod waiting;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use marketplace::prelude::*;
use marketplace::vat::{Churn, Envelope, Vat, VatHost, VatOptions};

/// A vat with nothing in it, on its own thread.
fn empty_vat(options: VatOptions) -> Vat {
    settled(Vat::spawn(options, |_| transition_no_state!()).unwrap())
}

/// Its first turns are over.
fn settled(vat: Vat) -> Vat {
    vat.call(|_| ()).unwrap();
    while vat.inspect(|debugger| debugger.dump().queued > 0).unwrap() {}
    vat
}

fn named(name: &str) -> VatOptions {
    VatOptions { name: Some(name.into()), ..VatOptions::default() }
}

/// The calls of the hooks of a [`Custom`] host.
#[derive(Debug, PartialEq)]
enum Hook {
    Start,
    Halt,
    Send { wants_result: bool, stamp: u64 },
}

/// A host whose loop is the test: it takes the churn and the envelopes.
#[derive(Clone, Default)]
struct Custom {
    hooks: Arc<Mutex<Vec<Hook>>>,
    churn: Arc<Mutex<Option<Churn>>>,
    queue: Arc<Mutex<Queue>>,
}

struct Queue {
    sender: Sender<Envelope>,
    receiver: Option<Receiver<Envelope>>,
}

impl Default for Queue {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver: Some(receiver) }
    }
}

impl Custom {
    fn hooks(&self) -> Vec<Hook> {
        std::mem::take(&mut self.hooks.lock().unwrap())
    }

    /// The parts that the loop turns.
    fn parts(&self) -> (Churn, Receiver<Envelope>) {
        (self.churn.lock().unwrap().take().unwrap(), self.queue.lock().unwrap().receiver.take().unwrap())
    }
}

impl VatHost for Custom {
    fn start(&self, churn: Churn) {
        self.hooks.lock().unwrap().push(Hook::Start);
        *self.churn.lock().unwrap() = Some(churn);
    }
    fn halt(&self) {
        self.hooks.lock().unwrap().push(Hook::Halt);
    }
    fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
        let (wants_result, stamp) = (envelope.wants_result(), envelope.stamp());
        self.hooks.lock().unwrap().push(Hook::Send { wants_result, stamp });
        self.queue.lock().unwrap().sender.send(envelope).map_err(|error| error.0)
    }
}

/// A thread's loop, which ends with the vat.
fn turn(mut churn: Churn, envelopes: &Receiver<Envelope>) {
    while churn.pump() {
        let Ok(envelope) = envelopes.recv() else { return };
        churn.feed(envelope);
    }
}
