//! The timer driver in a sim: `Sim::advance` moves timers.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::timer::{self, TimerExpired, When};

const MS: Duration = Duration::from_millis(1);

#[derive(Message, Clone, Debug, PartialEq)]
struct Said(u32, u64);

fn said(sim: &Sim) -> Vec<(u32, u64)> {
    sim.messages_of::<Said>().into_iter().map(|Said(what, when)| (what, when)).collect()
}

/// Says its number each time that this timer expires, and what the clock shows.
fn says<S>(what: u32, when: When) -> Spawn<S> {
    let label = what.to_value();
    spawn!(transition_no_state!(subscriber!(
        TimerExpired { label, when, now: _ },
        on_message!(TimerExpired { now, .. } => send_message!(Said(what, now))),
    )))
}

#[test]
fn what_is_due_at_the_same_time_comes_in_the_order_set() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            timer::driver(),
            says(1, When::After(10)),
            says(2, When::At(10)),
            says(3, When::every(MS * 5)),
            says(4, When::After(5)),
            says(5, When::At(0)),
        )
    });
    sim.advance(MS * 10);
    assert_eq!(said(&sim), [(5, 0), (3, 5), (4, 5), (1, 10), (2, 10), (3, 10)]);
    assert_eq!(sim.now(), MS * 10);
}

#[test]
fn nothing_is_early_and_time_stands_still_between() {
    let mut sim = Sim::new(|_| transition_no_state!(timer::driver(), says(1, When::After(10))));
    sim.run();
    sim.advance(MS * 10 - Duration::from_nanos(1));
    sim.run();
    assert_eq!(said(&sim), []);
    sim.advance(Duration::from_nanos(1));
    assert_eq!(said(&sim), [(1, 10)]);
}

#[test]
fn timers_count_from_when_they_are_set() {
    let mut sim = Sim::new(|_| transition_no_state!(timer::driver()));
    sim.advance(MS * 100);
    sim.spawn(says(1, When::After(10)));
    sim.spawn(says(2, When::At(110)));
    sim.advance(MS * 100);
    assert_eq!(said(&sim), [(1, 110), (2, 110)]);
}

#[test]
fn a_relay_takes_them_in() {
    let inner = || spawn_vm!(timer::relay(), says(1, When::After(10)), says(2, When::every(MS * 4)));
    let mut sim = Sim::new(move |_| {
        transition_no_state!(timer::driver(), spawn_vm!(timer::relay(), inner()), says(3, When::After(10)))
    });
    sim.advance(MS * 12);
    assert_eq!(said(&sim), [(2, 4), (2, 8), (3, 10), (1, 10), (2, 12)]);
}

#[test]
fn outside_of_a_nested_vm_they_are_set_without_a_relay() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            timer::driver(),
            spawn_vm!(at_meta_level!(
                timer::after(MS, || send_message!(Said(1, 1))),
                timer::every(MS * 2, |(): &mut (), now: Duration| at_meta_level!(send_message!(Said(
                    2,
                    now.as_millis() as u64
                )))),
            )),
        )
    });
    sim.advance(MS * 4);
    assert_eq!(said(&sim), [(1, 1), (2, 2), (2, 4)]);
}

#[test]
fn the_same_inputs_give_the_same_trace() {
    let run = || {
        let mut sim = Sim::new(|_| {
            transition_no_state!(
                timer::driver(),
                (0..20u32).map(|n| says(n, When::every(MS * (1 + n % 4)))),
                timer::every(MS * 3, || says(100, When::After(1))),
            )
        });
        sim.advance(MS * 50);
        sim.trace().to_string()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_driver_that_comes_late_counts_from_then() {
    let mut sim = Sim::new(|_| transition_no_state!(says(1, When::every(MS * 10))));
    sim.advance(MS * 5);
    sim.spawn(timer::driver());
    sim.advance(MS * 25);
    assert_eq!(said(&sim), [(1, 15), (1, 25)]);
}
