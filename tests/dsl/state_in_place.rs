//! The state, lent mutably: changed in place, by clauses that give actions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{Heard, Ping, Says, all_heard, heard, tell, values};

/// Not `Clone`: nothing but the place itself can be what changes.
#[derive(Default)]
struct Counter {
    count: u64,
    log: Vec<u64>,
}

#[test]
fn a_counter_counts_in_place() {
    let process = transition!(
        Counter::default(),
        subscriber!(
            _,
            match_state!(s: &mut Counter => on_message!(
                n: u64 => {
                    s.count += n;
                    s.log.push(n);
                    heard(&s.count)
                }
                Ping => heard(&s.log),
            ))
        ),
    );
    let messages = [2u64.to_value(), 5u64.to_value(), Ping.to_value()];
    assert_eq!(tell(process, &messages), [2u64.to_value(), 7u64.to_value(), vec![2u64, 5].to_value()]);
}

#[test]
fn a_body_may_be_a_change_alone() {
    let process = transition!(
        1u64,
        subscriber!(
            _,
            match_state!(n: &mut u64 => on_message!(
                by: u64 => *n *= by,
                Ping => { *n += 1; }
                Says { .. } => heard(&*n),
            ))
        ),
    );
    let messages = [5u64.to_value(), Ping.to_value(), crate::says("eve", "how many?")];
    assert_eq!(tell(process, &messages), values([6u8]));
}

/// R41
#[test]
fn a_clause_whose_guard_is_false_changes_nothing_and_the_next_is_tried() {
    let process = transition!(
        Counter::default(),
        subscriber!(
            _,
            match_state!(s: &mut Counter if s.count >= 10 => on_message!(n: u64 => heard(&(s.count, n)))),
            match_state!(s: &mut Counter => on_message!(n: u64 if n > s.count => {
                s.count = n;
                heard(&s.count)
            })),
            match_state!(Counter { log, .. }: &mut Counter if log.len() < 2 => on_message!(n: u64 => log.push(n))),
            match_state!(s: &Counter => on_message!(_n: u64 => heard(&s.log))),
        ),
    );
    let expected = [3u64.to_value(), vec![2u64, 1].to_value(), 12u64.to_value(), (12u64, 4u64).to_value()];
    assert_eq!(tell(process, &values([3u64, 2, 1, 0, 12, 4])), expected);
}

enum Session {
    Idle(u64),
    Busy { n: u64, log: Vec<u64> },
}

#[test]
fn patterns_bind_fields_that_can_be_changed() {
    let endpoint = || {
        subscriber!(
            _,
            match_state!(Session::Busy { n, log }: &mut Session if log.len() < *n as usize =>
                on_message!(k: u64 => log.push(k))),
            match_state!(&mut Session::Busy { ref mut n, ref log } => on_message!(
                k: u64 => {
                    *n += k;
                    heard(&(*n, log.clone()))
                }
            )),
            match_state!(session @ &mut Session::Idle(_) => on_message!(
                k: u64 => *session = Session::Busy { n: k, log: vec![] })),
        )
    };
    let log = |n: u64, log: &[u64]| (n, log.to_vec()).to_value();
    assert_eq!(
        tell(transition!(Session::Idle(0), endpoint()), &values([1u64, 7, 2, 8, 9, 10])),
        [log(3, &[7]), log(13, &[7, 8, 9])]
    );
}

#[test]
fn alternatives_lend_mutably() {
    let endpoint = subscriber!(
        _,
        match_state!(&mut Session::Idle(ref mut n) | &mut Session::Busy { ref mut n, .. } => on_message!(k: u64 => {
            *n += k;
            heard(n)
        })),
    );
    assert_eq!(tell(transition!(Session::Idle(1), endpoint), &values([1u64, 5])), values([2u64, 7]));
}

/// The state is lent, moved and lent mutably by the clauses of one endpoint.
#[test]
fn clauses_take_the_state_in_different_ways() {
    let endpoint = subscriber!(
        _,
        match_state!(s: &mut Session => on_message!(1u8 => if let Session::Idle(n) = s { *n += 1 })),
        match_state!(Session::Idle(n) => on_message!(2u8 => transition!(Session::Busy { n, log: vec![n] }))),
        match_state!(Session::Busy { n, log }: &Session => on_message!(3u8 => heard(&(*n, log.clone())))),
    );
    assert_eq!(
        tell(transition!(Session::Idle(4), endpoint), &values([1u8, 1, 2, 1, 3])),
        [(6u64, vec![6u64]).to_value()]
    );
}

#[test]
fn news_of_peers_and_of_the_end_change_the_state() {
    let mut sim = Sim::new(|_| {
        transition!(
            Counter::default(),
            subscriber!(
                Says { .. },
                match_state!(s: &mut Counter =>
                    on_presence!(s.count += 1, heard(&(true, s.count))),
                    on_absence!({
                        s.count -= 1;
                        heard(&(false, s.count))
                    }),
                    on_shutdown!({
                        s.log.push(s.count);
                        heard(&s.log)
                    }),
                )
            ),
            spawn!(transition_no_state!(
                publisher!(Says { who: "a", .. }),
                subscriber!(Ping, on_message!(_ => quit())),
            )),
            spawn!(transition_no_state!(publisher!(Says { who: "b", .. }))),
        )
    });
    sim.run();
    sim.send(&Ping);
    sim.run();
    sim.shutdown();
    sim.run();
    let expected = [
        (true, 1u64).to_value(),
        (true, 2u64).to_value(),
        (false, 1u64).to_value(),
        vec![1u64].to_value(),
        // The peer that was left quits with the program.
        (false, 0u64).to_value(),
    ];
    assert_eq!(all_heard(&sim), expected);
}

/// R42, R50: a change that was half done when its clause failed is seen by nobody.
fn failing(body: fn(&mut Counter) -> Result<(), Failure>) -> (Vec<Value>, Vec<String>, u64) {
    let looks = Arc::new(AtomicU64::new(0));
    let looked = looks.clone();
    let mut sim = Sim::new(move |_| {
        transition_no_state!(spawn!(transition!(
            Counter::default(),
            subscriber!(
                Ping,
                match_state!(s: &mut Counter => on_message!(Ping => {
                    s.count += 1;
                    body(s)?;
                    heard(&s.count)
                }))
            ),
            // Another endpoint of the process, which would hear the same message after the first.
            subscriber!(
                Ping,
                match_state!(s: &Counter => on_message!(Ping => {
                    looked.fetch_add(1, Ordering::Relaxed);
                    heard(&s.count)
                }))
            ),
        )))
    });
    sim.run();
    sim.send(&Ping);
    sim.send(&Ping);
    sim.run();
    let exits = sim.exits().iter().map(|exit| exit.reason.to_string()).collect();
    (all_heard(&sim), exits, looks.load(Ordering::Relaxed))
}

#[test]
fn a_panic_after_a_change_takes_the_process_with_it() {
    let (heard, exits, looks) = failing(|s| panic!("at {}", s.count));
    assert_eq!((heard, looks), (vec![], 0));
    assert_eq!(exits.len(), 1);
    assert!(exits[0].contains("at 1"), "{exits:?}");
}

#[test]
fn an_error_after_a_change_takes_the_process_with_it() {
    let (heard, exits, looks) = failing(|s| Err(Failure::value(&s.count)));
    assert_eq!((heard, looks), (vec![], 0));
    assert_eq!(exits.len(), 1);
    assert!(exits[0].contains("1"), "{exits:?}");
}

/// The same process, as it is when no clause fails.
#[test]
fn without_a_failure_the_next_endpoint_sees_the_change() {
    let (heard, exits, looks) = failing(|_| Ok(()));
    assert_eq!((heard, looks), (values([1u64, 1, 2, 2]), 2));
    assert_eq!(exits.len(), 0);
}

#[test]
fn what_a_body_borrows_from_the_state_may_make_its_actions() {
    let process = transition!(
        Counter::default(),
        subscriber!(
            _,
            match_state!(s: &mut Counter => on_message!(
                n: u64 => s.log.push(n),
                Ping => s.log.iter().map(|n| send_message!(Heard(n))),
                Says { .. } => actions![s.log.drain(..).map(|n| heard(&n)).collect::<Vec<_>>(), heard(&s.log)],
            ))
        ),
    );
    let messages = [4u64.to_value(), 6u64.to_value(), Ping.to_value(), crate::says("eve", "all")];
    let none: Vec<u64> = vec![];
    let expected = [4u64.to_value(), 6u64.to_value(), 4u64.to_value(), 6u64.to_value(), none.to_value()];
    assert_eq!(tell(process, &messages), expected);
}
