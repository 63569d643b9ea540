//! Many threads at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use marketplace::prelude::*;
use marketplace::vat::{Vat, VatError, VatOptions};

#[derive(Message, Clone, Debug, PartialEq)]
struct Put {
    thread: usize,
    number: u64,
}

const THREADS: usize = 8;
const ENVELOPES: u64 = 1_000;

/// None lost, and each thread's in its order; the inbox is smaller than what comes, so that threads
/// wait for room.
#[test]
fn eight_threads_lose_nothing_and_keep_their_order() {
    let out_of_order = Arc::new(AtomicUsize::new(0));
    let seen = out_of_order.clone();
    let boot = move |_| {
        transition!(
            vec![0u64; THREADS],
            subscriber!(
                Put { .. },
                match_state!(mut next: Vec<u64> => on_message!(Put { thread, number } => {
                    if next[thread] != number {
                        seen.fetch_add(1, Ordering::SeqCst);
                    }
                    next[thread] += 1;
                    transition!(next)
                })),
            ),
            subscriber!(
                "sum",
                match_state!(next: &Vec<u64> => on_message!(_ => send_message!(("all", next.iter().sum::<u64>()))))
            )
        )
    };
    let vat = Vat::spawn(VatOptions { inbox: 16, ..VatOptions::default() }, boot).unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let vat = vat.clone();
            scope.spawn(move || {
                for number in 0..ENVELOPES {
                    vat.send(&Put { thread, number }).unwrap();
                }
            });
        }
    });
    let mut all = vat.subscribe::<(Text, u64)>(topic!(("all", _))).unwrap();
    vat.send(&"sum".to_string()).unwrap();
    let Some(marketplace::vat::VatEvent::Message((_, sum))) = all.wait().unwrap() else { panic!("no sum") };
    assert_eq!(sum, THREADS as u64 * ENVELOPES);
    assert_eq!(out_of_order.load(Ordering::SeqCst), 0);
}

/// Halted in the middle: every call is answered, by its value or by an error, and no turn begins
/// afterwards.
#[test]
fn halting_with_work_queued_answers_everybody() {
    for round in 0..20 {
        let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
        let start = Arc::new(Barrier::new(THREADS + 1));
        let halted = Arc::new(AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let (vat, start, halted) = (vat.clone(), start.clone(), halted.clone());
                scope.spawn(move || {
                    start.wait();
                    loop {
                        match vat.call(|_| ()) {
                            Ok(()) => {}
                            Err(VatError::NotRunning) => break,
                            Err(other) => panic!("{other}"),
                        }
                    }
                    assert!(halted.load(Ordering::SeqCst));
                });
            }
            start.wait();
            for _ in 0..round {
                thread::yield_now();
            }
            halted.store(true, Ordering::SeqCst);
            vat.halt();
        });
        vat.join().unwrap().unwrap();
    }
}

/// A turn that panics during a call harms nobody else.
#[test]
fn panics_during_calls_harm_nobody() {
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let vat = vat.clone();
            scope.spawn(move || {
                for n in 0..100 {
                    let result =
                        vat.call(move |_| if (n + thread).is_multiple_of(2) { panic!("{n}") } else { n });
                    match result {
                        Ok(m) => assert_eq!(m, n),
                        Err(VatError::Failed { reason, .. }) => {
                            assert_eq!(reason, Reason::Panic(n.to_string().into()))
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    let processes = vat.inspect(|debugger| debugger.stats().processes).unwrap();
    assert_eq!(processes, 1, "the relay alone is left");
}

/// Inside a turn there is no waiting for room: the sender is told.
#[test]
fn a_turn_is_told_that_an_inbox_is_full() {
    let (full, _pump) =
        Vat::manual(VatOptions { inbox: 2, ..VatOptions::default() }, |_| transition_no_state!(), || ());
    let vat = Vat::spawn(VatOptions::default(), |_| transition_no_state!()).unwrap();
    let sent = vat.call(move |_| [full.send(&1u8), full.send(&2u8), full.send(&3u8)]).unwrap();
    assert_eq!(sent, [Ok(()), Ok(()), Err(VatError::Full)]);
}

/// Two vats that send to each other do not wait for each other.
#[test]
fn two_vats_play_ping_pong() {
    let ends: [Arc<std::sync::OnceLock<Vat>>; 2] = [Arc::default(), Arc::default()];
    let player = |other: &Arc<std::sync::OnceLock<Vat>>| {
        let other = other.clone();
        move |_| {
            transition_no_state!(subscriber!(
                ("ball", _),
                on_message!(("ball", n): (Text, u32) => {
                    if n > 0 {
                        other.get().unwrap().send(&(Text::from("ball"), n - 1)).unwrap();
                        None
                    } else {
                        Some(send_message!("over"))
                    }
                }),
            ))
        }
    };
    let a = Vat::spawn(VatOptions::default(), player(&ends[1])).unwrap();
    let b = Vat::spawn(VatOptions::default(), player(&ends[0])).unwrap();
    ends[0].set(a.clone()).unwrap();
    ends[1].set(b.clone()).unwrap();
    let mut over = a.subscribe::<Text>(topic!("over")).unwrap();
    a.send(&(Text::from("ball"), 10_000u32)).unwrap();
    assert!(over.wait().unwrap().is_some());
}
