//! A turn never waits, and no thread waits for itself.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::vat::{Vat, VatError, VatOptions};
use tracing_subscriber::util::SubscriberInitExt;

use crate::{empty_vat, named};

/// The result of each way to wait for this vat.
fn waits(vat: &Vat) -> Vec<Result<(), VatError>> {
    vec![
        vat.call(|_| ()),
        vat.inspect(|_| ()),
        vat.present(topic!(_)).map(drop),
        vat.trace(1).map(drop),
        vat.join().map(drop),
        vat.subscribe::<Text>(topic!(_)).unwrap().wait().map(drop),
        vat.pass(Pid::BOOT, "w", &1u8).unwrap().wait().map(drop),
    ]
}

fn none(of: &[Result<(), VatError>], why: &VatError) {
    assert!(of.len() == 7 && of.iter().all(|wait| wait.as_ref() == Err(why)), "{of:?}");
}

#[test]
fn no_turn_waits_for_a_vat() {
    let (own, other) = (empty_vat(VatOptions::default()), empty_vat(VatOptions::default()));
    for asked in [own.clone(), other.clone()] {
        let waited = own.call(move |_| waits(&asked)).unwrap();
        none(&waited, &VatError::InsideVat);
    }
    let waited = own.inspect(move |_| waits(&other)).unwrap();
    none(&waited, &VatError::InsideVat);
}

/// The turns of a whole program, and those of a test, are turns, too.
#[tokio::test]
async fn no_turn_of_another_host_waits_for_a_vat() {
    let vat = empty_vat(VatOptions::default());
    let noted = Arc::new(Mutex::new(Vec::new()));
    let boot = || {
        let (vat, noted) = (vat.clone(), noted.clone());
        move |_| {
            transition_no_state!(
                subscriber!("now", on_message!(_ => *noted.lock().unwrap() = waits(&vat))),
                send_message!("now"),
            )
        }
    };
    marketplace::ground::run(boot(), std::future::pending()).await.unwrap();
    none(&std::mem::take(&mut *noted.lock().unwrap()), &VatError::InsideVat);
    Sim::new(boot()).run();
    none(&noted.lock().unwrap(), &VatError::InsideVat);
}

/// Nor does the thread that turns a vat over wait for that: not for an end either that is still to
/// come.
#[test]
fn nobody_waits_for_himself() {
    let (vat, mut pump) = Vat::manual(VatOptions::default(), |_| transition_no_state!(), || ());
    let mut texts = vat.subscribe::<Text>(topic!(_)).unwrap();
    pump.pump();
    none(&waits(&vat), &VatError::SameThread);
    vat.halt();
    assert_eq!(vat.join(), Err(VatError::SameThread));
    assert_eq!(texts.wait(), Err(VatError::SameThread));
    pump.pump();
    assert_eq!(vat.join(), Ok(Ok(())));
    assert_eq!(texts.wait(), Ok(None));
}

/// A task may have the thread that is to turn the vat over, or what wakes it. So none waits for a
/// vat of its own runtime, not even for one that has not run yet.
#[tokio::test]
async fn no_task_waits_for_a_vat_of_its_runtime() {
    let vat = Vat::task(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap();
    none(&waits(&vat), &VatError::SameThread);
    let other = vat.clone();
    let waited = tokio::task::spawn_blocking(move || other.call(|_| "a thread may")).await.unwrap();
    assert_eq!(waited, Ok("a thread may"));
    // The vat of another runtime gets on by itself.
    assert_eq!(empty_vat(VatOptions::default()).call(|_| "this one, too"), Ok("this one, too"));
}

#[test]
fn no_worker_of_several_waits_for_a_vat_of_its_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let vat = {
        let _inside = runtime.enter();
        Vat::task(VatOptions::default(), |_| transition_no_state!(subscriber!("x"))).unwrap()
    };
    for _ in 0..10 {
        let asked = vat.clone();
        let waited = runtime.block_on(runtime.spawn(async move { waits(&asked) })).unwrap();
        none(&waited, &VatError::SameThread);
        // This thread is none of the two that turn it over.
        assert_eq!(runtime.block_on(async { vat.call(|_| 42) }), Ok(42));
    }
}

/// Gives what is logged to another thread.
#[derive(Clone)]
struct Logs(Sender<String>);

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody knows yet which thread that will be.
#[test]
fn a_thread_that_waits_for_a_vat_that_nobody_turns_over_is_told_so() {
    type Wait = fn(&Vat) -> Result<(), VatError>;
    let call: Wait = |vat| vat.call(|_| ());
    let join: Wait = |vat| vat.join().map(|outcome| assert_eq!(outcome, Ok(())));
    for (wait, ends) in [(call, false), (join, true)] {
        let (vat, mut pump) = Vat::manual(named("frames"), |_| transition_no_state!(), || ());
        let (logs, told) = channel();
        let waiting = vat.clone();
        let waiter = thread::spawn(move || {
            let logs = Logs(logs);
            let show = tracing_subscriber::fmt().with_ansi(false).with_writer(move || logs.clone());
            let _shown = show.finish().set_default();
            wait(&waiting)
        });
        let line = told.recv().unwrap();
        assert!(line.contains("WARN") && line.contains(r#"name="frames""#), "{line}");
        assert!(line.contains("waits for a vat that nobody has turned over yet"), "{line}");
        if ends {
            vat.shutdown().unwrap();
        }
        while !waiter.is_finished() {
            pump.pump_max(1_000);
        }
        assert_eq!(waiter.join().unwrap(), Ok(()));
    }
}

/// There is nobody else to make room.
#[test]
fn nobody_waits_for_room_that_he_would_make() {
    let options = VatOptions { inbox: 2, ..VatOptions::default() };
    let (vat, mut pump) = Vat::manual(options, |_| transition_no_state!(), || ());
    pump.pump();
    let sent: Vec<_> = (0..3).map(|n: u8| vat.send(&n)).collect();
    assert_eq!(sent, [Ok(()), Ok(()), Err(VatError::Full)]);
}
