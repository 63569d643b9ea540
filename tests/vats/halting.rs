//! Halting stops a vat where it is.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};
use marketplace::{Ground, Source};

use crate::{Custom, turn};

#[derive(Clone, Default)]
struct Turns(Arc<AtomicUsize>);

impl Turns {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn so_far(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Counts each `"up"`; at `"many"` it says that ten times; at `"halt"` it does so and halts the
/// vat.
fn counter(turns: &Turns, vat: &Arc<OnceLock<Vat>>) -> Transition<()> {
    let (turns, vat) = (turns.clone(), vat.clone());
    let many = || (0..10).map(|_| send_message!("up")).collect::<ActionTree<_>>();
    transition_no_state!(
        subscriber!("up", on_message!(_ => turns.count())),
        subscriber!("many", on_message!(_ => many())),
        subscriber!(
            "halt",
            on_message!(_ => {
                vat.get().unwrap().halt();
                many()
            })
        ),
    )
}

fn counted() -> (Turns, Arc<OnceLock<Vat>>) {
    (Turns::default(), Arc::default())
}

/// A vat with a counter, whose host is the test.
fn hosted() -> (Turns, Custom, Vat) {
    let (turns, own) = counted();
    let host = Custom::default();
    let boot = {
        let turns = turns.clone();
        move |_| counter(&turns, &own)
    };
    let vat = Vat::with_host(VatOptions::default(), boot, host.clone());
    vat.start();
    (turns, host, vat)
}

/// The loop of the documented host: it takes what waits, and runs nothing of it.
#[test]
fn what_waits_in_the_inbox_does_not_run() {
    let (turns, host, vat) = hosted();
    let (mut churn, envelopes) = host.parts();
    assert!(churn.pump());
    let call = vat.call_async(|_| ());
    (0..5).for_each(|_| vat.send(&Text::from("up")).unwrap());
    vat.halt();
    turn(churn, &envelopes);
    drop(envelopes);
    assert_eq!(turns.so_far(), 0);
    assert_eq!(call.now_or_never(), Some(Err(VatError::NotRunning)));
}

/// An envelope that is handed to the churn all the same tells its sender.
#[test]
fn what_is_fed_later_is_dropped() {
    let (_, host, vat) = hosted();
    let (mut churn, envelopes) = host.parts();
    let (call, look) = (vat.call_async(|_| ()), vat.inspect_async(|_| ()));
    vat.halt();
    envelopes.try_iter().for_each(|envelope| churn.feed(envelope));
    assert_eq!(call.now_or_never(), Some(Err(VatError::NotRunning)));
    assert_eq!(look.now_or_never(), Some(Err(VatError::NotRunning)));
    assert!(!churn.pump());
    assert_eq!(vat.join().unwrap(), Ok(()));
}

/// Also if nobody has told the churn yet.
#[test]
fn what_is_queued_in_the_vm_does_not_run() {
    let (turns, host, vat) = hosted();
    let (mut churn, envelopes) = host.parts();
    churn.pump();
    vat.send(&Text::from("many")).unwrap();
    let call = vat.call_async(|_| ());
    churn.feed(envelopes.recv().unwrap());
    churn.pump_max(4);
    churn.feed(envelopes.recv().unwrap());
    let before = turns.so_far();
    assert!((1..10).contains(&before), "{before}");
    vat.halt();
    assert!(!churn.pump());
    assert_eq!(turns.so_far(), before);
    assert_eq!(call.now_or_never(), Some(Err(VatError::NotRunning)));
}

/// The action at hand is heard by all who it is for; nothing of what that leads to is.
#[test]
fn a_turn_halts_its_own_vat() {
    for nested in [false, true] {
        let (turns, own) = counted();
        let boot = {
            let (turns, own) = (turns.clone(), own.clone());
            move |_| match nested {
                false => transition_no_state!(spawn!(counter(&turns, &own))),
                true => transition_no_state!(spawn_vm!(
                    spawn!(counter(&turns, &own)),
                    at_meta_level!(subscriber!("halt", on_message!(_ => send_message!("halt")))),
                )),
            }
        };
        let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
        let _ = own.set(vat.clone());
        pump.pump();
        vat.send(&Text::from("halt")).unwrap();
        vat.send(&Text::from("up")).unwrap();
        assert!(!pump.pump(), "nested: {nested}");
        assert_eq!(turns.so_far(), 0, "nested: {nested}");
        assert_eq!(pump.outcome(), Some(&Ok(())));
    }
}

/// However busy: of what runs on its thread no more than the action at hand is left.
#[test]
fn a_busy_vat_stops_at_once() {
    let busy = |turns: &Turns| {
        let turns = turns.clone();
        transition_no_state!(
            subscriber!(
                "again",
                on_message!(_ => {
                    turns.count();
                    send_message!("again")
                })
            ),
            send_message!("again"),
        )
    };
    for nested in [false, true] {
        let turns = Turns::default();
        let boot = {
            let turns = turns.clone();
            move |_| match nested {
                false => transition_no_state!(spawn!(busy(&turns))),
                true => transition_no_state!(spawn_vm!(spawn!(busy(&turns)))),
            }
        };
        let vat = Vat::spawn(VatOptions::default(), boot).unwrap();
        while turns.so_far() < 10_000 {
            thread::yield_now();
        }
        vat.halt();
        let at_once = turns.so_far();
        vat.join().unwrap().unwrap();
        let late = turns.so_far() - at_once;
        assert!(late <= 1, "{late} turns later, nested: {nested}");
    }
}

#[test]
fn no_source_is_asked_any_more() {
    let turns = Turns::default();
    let boot = {
        let turns = turns.clone();
        move |_| {
            let items = futures_util::stream::repeat_with(move || {
                turns.count();
                Ok::<_, std::convert::Infallible>(1u8)
            });
            let source = Source::stream(items);
            transition_no_state!(at_meta_level!(subscriber!(Ground::<u8>(source, _))))
        }
    };
    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    while turns.so_far() == 0 {
        pump.pump_max(1);
    }
    let before = turns.so_far();
    vat.halt();
    assert!(!pump.pump());
    assert_eq!(turns.so_far(), before);
}

/// Code that looks inside and has halted the vat steps no further.
#[test]
fn there_is_no_stepping_in_a_halted_vat() {
    let (turns, own) = counted();
    let boot = {
        let turns = turns.clone();
        move |_| counter(&turns, &own)
    };
    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    pump.pump();
    let halted = vat.clone();
    let stepped = vat.inspect_async(move |debugger| {
        assert!(debugger.send(&[], &Text::from("up")));
        halted.halt();
        (debugger.step(), debugger.step_in(&[]), debugger.step_in(&[Pid::BOOT]))
    });
    assert!(!pump.pump());
    assert_eq!(stepped.now_or_never(), Some(Ok((false, false, false))));
    assert_eq!(turns.so_far(), 0);
}

/// Also if whoever pumps keeps the pump: nobody is left waiting.
#[test]
fn subscriptions_end_with_the_vat() {
    let (_, own) = counted();
    for halts in [true, false] {
        let boot = {
            let own = own.clone();
            move |_| counter(&Turns::default(), &own)
        };
        let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
        let mut ups = vat.subscribe::<Text>(topic!("up")).unwrap();
        pump.pump();
        if halts {
            vat.halt()
        } else {
            vat.shutdown().unwrap()
        }
        assert!(!pump.pump());
        assert_eq!(ups.next().now_or_never(), Some(None));
        assert_eq!(ups.wait(), Ok(None));
        assert_eq!(vat.join().unwrap(), Ok(()));
    }
}

/// A process with a source that holds a listening socket, and counts how often it is asked.
fn listening(turns: &Turns) -> (SocketAddr, impl FnOnce(Pid) -> Transition<()> + Send + use<>) {
    let turns = turns.clone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let boot = move |_| {
        let source = Source::stream(futures_util::stream::poll_fn(move |_| {
            assert!(listener.local_addr().is_ok());
            turns.count();
            Poll::<Option<Result<u8, std::convert::Infallible>>>::Pending
        }));
        transition_no_state!(at_meta_level!(subscriber!(Ground::<u8>(source, _))))
    };
    (address, boot)
}

/// The owner of a pump may keep the pump.
#[test]
fn sources_are_closed_when_a_halted_vat_has_ended() {
    let turns = Turns::default();
    let (address, boot) = listening(&turns);
    let (vat, mut pump) = Vat::manual(VatOptions::default(), boot, || ());
    pump.pump();
    assert!(turns.so_far() > 0);
    vat.halt();
    assert!(!pump.pump());
    assert_eq!(vat.join().unwrap(), Ok(()));
    TcpListener::bind(address).unwrap();
    drop(pump);
}

#[test]
fn sources_are_closed_after_join() {
    for _ in 0..20 {
        let turns = Turns::default();
        let (address, boot) = listening(&turns);
        let vat = Vat::spawn(VatOptions::default(), boot).unwrap();
        while turns.so_far() == 0 {
            thread::yield_now();
        }
        vat.halt();
        vat.join().unwrap().unwrap();
        TcpListener::bind(address).unwrap();
    }
}

/// A vat that has not been started is dropped by whoever halts it.
#[test]
fn a_destructor_may_halt_and_start_its_own_vat() {
    struct Halts(Arc<OnceLock<Vat>>, mpsc::Sender<()>);
    impl Drop for Halts {
        fn drop(&mut self) {
            let vat = self.0.get().expect("it is there as long as the vat is");
            vat.halt();
            vat.start();
            let _ = self.1.send(());
        }
    }
    let own = Arc::<OnceLock<Vat>>::default();
    let (done, dropped) = mpsc::channel();
    let state = Halts(own.clone(), done);
    let boot = move |_| transition!(state, subscriber!(_));
    let vat = Vat::with_host(VatOptions::default(), boot, Custom::default());
    let _ = own.set(vat.clone());
    thread::spawn(move || vat.halt());
    dropped.recv_timeout(Duration::from_secs(60)).expect("halting waits for nobody");
}
