//! The rows of the document, G1 to G22.

use std::sync::{Arc, Mutex};
use std::thread;

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

use crate::{Custom, Hook, empty_vat, named, turn};

#[test]
fn g01_spawn_makes_a_running_vat_with_the_defaults() {
    let (a, b) = (empty_vat(VatOptions::default()), empty_vat(VatOptions::default()));
    assert!(a.is_running() && b.is_running());
    assert_eq!(a.name(), None);
    assert_ne!(a.id(), b.id());
    let log = |vat: &Vat| {
        vat.inspect(|debugger| (debugger.log().is_on(), debugger.log().len(), debugger.log().capacity()))
    };
    assert_eq!(log(&a), Ok((false, 0, 256)));
}

#[test]
fn g02_a_name_is_not_a_binding() {
    let a = empty_vat(named("A"));
    let b = a.clone();
    assert_eq!((a.name(), b.name()), (Some("A"), Some("A")));
    assert_eq!(a, b);
    assert!(format!("{b:?}").contains("\"A\""));
}

#[test]
fn g03_the_log_is_off_unless_asked_for() {
    let log_of = |log| {
        let vat = empty_vat(VatOptions { log, ..VatOptions::default() });
        vat.inspect(|debugger| debugger.log_mut().clear()).unwrap();
        vat.call(|_| ()).unwrap();
        vat.inspect(|debugger| debugger.log().len()).unwrap()
    };
    assert_eq!(log_of(false), 0);
    assert_eq!(log_of(true), 1);
}

/// G-s03: of 300 events the last 256 are kept.
#[test]
fn g04_log_capacity_is_256_and_the_oldest_goes_first() {
    let vat = empty_vat(VatOptions { log: true, ..VatOptions::default() });
    vat.inspect(|debugger| debugger.log_mut().clear()).unwrap();
    let before = vat.inspect(|debugger| debugger.stamp()).unwrap();
    for _ in 0..300 {
        vat.call(|_| ()).unwrap();
    }
    let known = move |event: u64| {
        vat.inspect(move |debugger| {
            // Event 1 is the first of the 300.
            let found = debugger.log().at_stamp(before + event);
            (debugger.log().len(), found.is_some())
        })
        .unwrap()
    };
    assert_eq!(known(44), (256, false));
    assert_eq!(known(45), (256, true));
    assert_eq!(known(300), (256, true));
}

/// G-s06, with G14.
#[test]
fn g05_a_vat_with_a_host_of_its_own_runs_when_started() {
    let host = Custom::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    assert!(!vat.is_running());
    assert_eq!(vat.call(|_| ()), Err(VatError::NotRunning));
    assert_eq!(vat.send(&1u8), Err(VatError::NotRunning));
    assert_eq!(host.hooks(), []);
    vat.start();
    vat.start();
    assert!(vat.is_running());
    assert_eq!(host.hooks(), [Hook::Start], "once, and nothing has been processed");
}

/// G-s07, with G6, G10, G12 and G13.
#[test]
fn g07_foreign_loop() {
    let host = Custom::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    let turned_on = Arc::new(Mutex::new(Vec::new()));
    let note = turned_on.clone();
    let asker = thread::spawn(move || {
        vat.call(move |_| {
            note.lock().unwrap().push(thread::current().id());
            40 + 2
        })
    });
    // The loop of a toolkit: one envelope a tick.
    let (mut churn, envelopes) = host.parts();
    assert!(churn.pump());
    churn.feed(envelopes.recv().unwrap());
    assert!(!asker.is_finished() || turned_on.lock().unwrap().is_empty());
    assert!(churn.pump());
    assert_eq!(asker.join().unwrap(), Ok(42));
    assert_eq!(*turned_on.lock().unwrap(), [thread::current().id()]);
}

/// The churn takes its envelope, what that led to here, to the end, and only then the next.
#[test]
fn g08_the_churn_runs_to_quiescence() {
    let host = Custom::default();
    let boot = |_| {
        transition!(
            0u32,
            subscriber!(
                "go",
                match_state!(n: u32 => on_message!(_ =>
            transition!(n + 1, (n < 9).then(|| send_message!("go")))))
            )
        )
    };
    let vat = Vat::with_host(VatOptions { log: true, ..VatOptions::default() }, boot, host.clone());
    vat.start();
    vat.send(&"go".to_string()).unwrap();
    let (mut churn, envelopes) = host.parts();
    churn.feed(envelopes.recv().unwrap());
    assert!(!churn.pump_max(usize::MAX), "there is nothing left to do");
    drop(vat);
    assert!(churn.outcome().is_none(), "a vat of others does not end when it is idle");
}

/// G-s06: halting is first of all not running any more, and does not drain.
#[test]
fn g09_halt_stops_it_and_drops_what_waits() {
    let host = Custom::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    let (churn, envelopes) = host.parts();
    let asker = {
        let vat = vat.clone();
        thread::spawn(move || vat.call(|_| ()))
    };
    let call = envelopes.recv().unwrap();
    vat.halt();
    assert!(!vat.is_running());
    assert_eq!(host.hooks().last(), Some(&Hook::Halt));
    drop(call);
    assert_eq!(asker.join().unwrap(), Err(VatError::NotRunning));
    assert_eq!(vat.send(&1u8), Err(VatError::NotRunning));
    drop(churn);
    vat.start();
    assert!(!vat.is_running(), "halted is halted");
}

/// G-s08: a message from a turn in another vat is stamped, and nobody waits.
#[test]
fn g10_a_send_does_not_wait_and_carries_the_stamp() {
    let host = Custom::default();
    let b = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    b.start();
    host.hooks();
    let a = empty_vat(VatOptions::default());
    let to = b.clone();
    a.call(move |_| to.send(&"hello".to_string())).unwrap().unwrap();
    let stamp = a.inspect(|debugger| debugger.stamp()).unwrap();
    assert_eq!(host.hooks(), [Hook::Send { wants_result: false, stamp }]);
    let (_churn, envelopes) = host.parts();
    assert_eq!(envelopes.recv().unwrap().origin().unwrap().vat, a.id());
}

/// G-s15a.
#[test]
fn g11_logging_is_an_option_of_every_vat() {
    let logged = |options| {
        let host = Custom::default();
        let vat = Vat::with_host(options, |_| transition_no_state!(), host.clone());
        vat.start();
        let (churn, envelopes) = host.parts();
        let asker = thread::spawn(move || {
            for _ in 0..20 {
                vat.call(|_| ()).unwrap();
            }
            let seen = vat.inspect(|d| (d.log().is_on(), d.log().len(), d.log().capacity())).unwrap();
            vat.halt();
            seen
        });
        turn(churn, &envelopes);
        asker.join().unwrap()
    };
    assert_eq!(logged(VatOptions::default()), (false, 0, 256));
    assert_eq!(logged(VatOptions { log: true, log_capacity: 8, ..VatOptions::default() }), (true, 8, 8));
}

/// G-s14, with G16 to G19.
#[test]
fn g15_an_envelope_says_what_was_deposited() {
    let host = Custom::default();
    let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), host.clone());
    vat.start();
    vat.send(&7u8).unwrap();
    let _result = vat.call_async(|_| ());
    let (_churn, envelopes) = host.parts();
    let message = envelopes.recv().unwrap();
    assert_eq!(message.message(), Some(&7u8.to_value()));
    assert_eq!((message.stamp(), message.wants_result()), (0, false), "a host has no time");
    let call = envelopes.recv().unwrap();
    assert_eq!((call.message(), call.stamp(), call.wants_result()), (None, 0, true));
}

/// G-s09, with G29: several values come back, a failure does, and the vat answers the next call.
#[test]
fn g20_call_gives_the_turns_value_or_its_failure() {
    let vat = empty_vat(VatOptions { log: true, ..VatOptions::default() });
    assert_eq!(vat.call(|_| (1, "two", 3.0)), Ok((1, "two", 3.0)));
    let Err(VatError::Failed { turn, reason }) = vat.call(|_| -> u8 { panic!("no") }) else {
        panic!("it failed")
    };
    assert_eq!(reason, Reason::Panic("no".into()));
    let logged = vat.inspect(move |debugger| debugger.log().get(turn).unwrap().failed.clone()).unwrap();
    assert_eq!(logged, Some(reason), "the error leads to the event");
    assert_eq!(vat.call(|_| "next"), Ok("next"));
}

#[test]
fn g21_vats_are_listed_and_a_stopped_one_says_so() {
    let vat = empty_vat(named("g21"));
    let id = vat.id();
    assert_eq!(Vat::find(id), Some(vat.clone()));
    assert!(Vat::all().contains(&vat));
    vat.halt();
    assert_eq!(vat.call(|_| ()), Err(VatError::NotRunning));
    vat.join().unwrap().unwrap();
    drop(vat);
    // The thread may hold on to it for a moment.
    while Vat::find(id).is_some() {
        thread::yield_now();
    }
}

/// In a turn one does not wait, neither for this vat nor for another one; the answer comes as an
/// event.
#[test]
fn g22_a_call_inside_a_vat_is_an_error_and_a_source_brings_the_answer() {
    let (a, b) = (empty_vat(VatOptions::default()), empty_vat(VatOptions::default()));
    let (own, other) = (a.clone(), b.clone());
    let inside = a.call(move |_| (own.call(|_| ()), other.call(|_| ())));
    assert_eq!(inside, Ok((Err(VatError::InsideVat), Err(VatError::InsideVat))));

    let mut answers = a.subscribe::<(Text, u32)>(topic!(("answer", _))).unwrap();
    a.call(move |caller| {
        let answer = marketplace::Source::future(b.call_async(|_| 42u32));
        caller.act(at_meta_level!(subscriber!(
            marketplace::Ground::<u32>(answer, _),
            on_message!(marketplace::Ground::<u32>(_, n) => send_message!(("answer", n))),
        )));
    })
    .unwrap();
    assert_eq!(answers.wait().unwrap(), Some(marketplace::vat::VatEvent::Message(("answer".into(), 42))));
}
