//! The process half, with scripted clocks.

use std::sync::Arc;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Source, event_relay};

use crate::script::{NEVER, Script};
use crate::timer::halves::{Ask, Clock, Time};
use crate::timer::schedule::AT_ONCE;
use crate::timer::{TimerExpired, When, relay};

impl Clock for Script<()> {
    fn source(&self) -> Source {
        self.give(())
    }
}

fn driver<S>(script: &Script<()>) -> Spawn<S> {
    let script = script.clone();
    super::driver::spawn(move || Arc::new(script))
}

const ALL: u64 = u64::MAX;

fn ms(ms: u64) -> u64 {
    ms * 1_000_000
}

/// A clock that tells these times, each when the sim's time is that many milliseconds, for so many
/// timers.
fn ticks(times: impl IntoIterator<Item = (u64, u64)>) -> Source {
    let item = |(now, set)| (Duration::from_millis(now), Time { now: ms(now), set }.to_value());
    Sim::timeline(times.into_iter().map(item).chain([(NEVER, Value::UNIT)]), Reason::Normal)
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Leave(u32);

/// A process with this timer, until it is told to leave.
fn sleeper<S>(label: u32, when: When) -> Spawn<S> {
    let value = label.to_value();
    spawn!(transition_no_state!(
        subscriber!(TimerExpired { label: value, when, now: _ }),
        subscriber!(Leave(label), on_message!(Leave(_) => quit())),
    ))
}

fn sim(clock: &Source, others: Vec<Spawn<()>>) -> Sim {
    let script = Script::of([clock.clone()]);
    let mut sim = Sim::new(move |_| transition_no_state!(driver(&script), others));
    sim.run();
    sim
}

fn wait(sim: &mut Sim, until: u64) {
    sim.advance(Duration::from_millis(until) - sim.now());
}

/// The labels of the timers that have expired, with the time that was told.
fn expired(sim: &Sim) -> Vec<(u32, u64)> {
    let heard = sim.messages().into_iter().filter_map(|message| TimerExpired::from_value(&message));
    heard.filter_map(|timer| Some((u32::from_value(&timer.label)?, timer.now))).collect()
}

fn asked(sim: &Sim, clock: &Source) -> Vec<Ask> {
    sim.feedback(clock).iter().filter_map(Ask::from_value).collect()
}

#[test]
fn with_a_second_driver_by_mistake_each_is_heard_once() {
    let clock = ticks([(0, ALL), (10, ALL)]);
    let script = Script::of([clock]);
    let mut sim = Sim::new(move |_| {
        transition_no_state!(driver(&script), driver(&script), sleeper(1, When::After(10)))
    });
    wait(&mut sim, 20);
    assert_eq!(expired(&sim), [(1, 10)]);
    assert!(sim.trace().to_string().contains("this VM has its timer driver or relay already"));
}

#[test]
fn they_expire_by_deadline_then_in_the_order_set() {
    let clock = ticks([(0, ALL), (30, ALL)]);
    let others = [(1, When::After(20)), (2, When::At(10)), (3, When::At(20)), (4, When::After(10))];
    let mut sim = sim(&clock, others.map(|(label, when)| sleeper(label, when)).into());
    wait(&mut sim, 40);
    assert_eq!(expired(&sim), [(2, 30), (4, 30), (1, 30), (3, 30)]);
}

#[test]
fn a_clock_that_speaks_too_early_expires_nothing() {
    let clock = ticks([(0, ALL), (9, ALL), (10, ALL)]);
    let mut sim = sim(&clock, vec![sleeper(1, When::After(10)), sleeper(2, When::At(10))]);
    wait(&mut sim, 9);
    assert_eq!(expired(&sim), []);
    wait(&mut sim, 10);
    assert_eq!(expired(&sim), [(1, 10), (2, 10)]);
}

#[test]
fn a_relative_timer_does_not_count_from_a_time_that_may_be_older_than_it() {
    // The clock was asked before the second was set.
    let clock = ticks([(5, 1), (6, 2), (15, ALL), (16, ALL)]);
    let mut sim = sim(&clock, vec![sleeper(1, When::After(10)), sleeper(2, When::After(10))]);
    wait(&mut sim, 15);
    assert_eq!(expired(&sim), [(1, 15)]);
    wait(&mut sim, 16);
    assert_eq!(expired(&sim), [(1, 15), (2, 16)]);
    let asked = asked(&sim, &clock);
    assert_eq!(asked[1..3], [Ask { at: 0, set: 2 }, Ask { at: ms(15), set: 2 }]);
}

#[test]
fn the_clock_is_asked_only_for_what_comes_earlier() {
    let clock = ticks([(50, ALL)]);
    let others = [(1, When::At(80)), (2, When::At(90)), (3, When::At(50))];
    let mut sim = sim(&clock, others.map(|(label, when)| sleeper(label, when)).into());
    sim.send(&Leave(1));
    sim.run();
    let at = |sim: &Sim| asked(sim, &clock).iter().map(|ask| ask.at).collect::<Vec<_>>();
    assert_eq!(at(&sim), [ms(50)]);
    wait(&mut sim, 60);
    assert_eq!(expired(&sim), [(3, 50)]);
    assert_eq!(at(&sim), [ms(50), ms(90)]);
}

#[test]
fn a_timer_goes_with_its_last_owner_and_the_clock_with_the_last_timer() {
    let clock = ticks([(0, ALL), (10, ALL)]);
    let mut sim = sim(&clock, vec![sleeper(1, When::After(10)), sleeper(2, When::At(10))]);
    assert!(sim.is_on(&clock));
    sim.send(&Leave(1));
    sim.run();
    assert!(sim.is_on(&clock));
    sim.send(&Leave(2));
    sim.run();
    assert!(!sim.is_on(&clock) && sim.is_done());
    wait(&mut sim, 20);
    assert_eq!(expired(&sim), []);
    assert!(sim.exits().iter().all(|exit| exit.reason.is_normal()), "{:?}", sim.exits());
}

#[test]
fn the_past_expires_at_once_and_huge_durations_never() {
    let clock = ticks([(7, ALL), (1000, ALL)]);
    let others = [(1, When::At(0)), (2, When::At(6)), (3, When::After(0)), (4, When::At(u64::MAX))];
    let mut sim = sim(&clock, others.map(|(label, when)| sleeper(label, when)).into());
    sim.spawn(sleeper(5, When::After(u64::MAX)));
    sim.spawn(sleeper(6, When::After(u64::MAX / 1_000_000)));
    wait(&mut sim, 2000);
    assert_eq!(expired(&sim), [(1, 7), (2, 7), (3, 7)]);
    assert_eq!(asked(&sim, &clock).last().unwrap().at, u64::MAX);
}

#[test]
fn who_joins_a_relative_timer_starts_it_again_and_who_joins_an_absolute_one_does_not() {
    let clock = ticks([(0, ALL), (5, ALL), (10, ALL), (15, ALL)]);
    let mut sim = sim(&clock, vec![sleeper(1, When::After(10)), sleeper(2, When::At(10))]);
    wait(&mut sim, 4);
    sim.spawn(sleeper(1, When::After(10)));
    sim.spawn(sleeper(2, When::At(10)));
    wait(&mut sim, 10);
    assert_eq!(expired(&sim), [(2, 10)]);
    wait(&mut sim, 20);
    assert_eq!(expired(&sim), [(2, 10), (1, 15)]);
}

#[test]
fn one_that_is_replaced_moves() {
    let clock = ticks([(0, ALL), (10, ALL), (20, ALL)]);
    let session = || {
        let timeout = |at| {
            let (label, when) = (1u32.to_value(), When::At(at));
            name_endpoint(Symbol::new("timeout"), subscriber!(TimerExpired { label, when, now: _ }))
        };
        transition_no_state!(timeout(10), subscriber!(Leave(0), on_message!(Leave(_) => timeout(20))))
    };
    let mut sim = sim(&clock, vec![spawn!(session())]);
    sim.send(&Leave(0));
    wait(&mut sim, 30);
    assert_eq!(expired(&sim), [(1, 20)]);
}

#[test]
fn who_names_no_timer_sets_none() {
    let clock = ticks([]);
    let looking = || {
        let label = 1u32.to_value();
        transition_no_state!(
            subscriber!(_),
            subscriber!(TimerExpired { .. }),
            subscriber!(TimerExpired { label, .. }),
            observe_publishers!(TimerExpired { label, when: When::At(0), now: _ }),
        )
    };
    let sim = sim(&clock, vec![spawn!(looking())]);
    assert!(!sim.is_on(&clock) && sim.is_done());
}

#[test]
fn it_does_not_matter_that_the_driver_comes_last() {
    let clock = ticks([(0, ALL), (10, ALL)]);
    let script = Script::of([clock]);
    let mut sim = Sim::new(|_| transition_no_state!(sleeper(1, When::After(10))));
    wait(&mut sim, 100);
    sim.spawn(driver(&script));
    wait(&mut sim, 109);
    assert_eq!(expired(&sim), []);
    wait(&mut sim, 110);
    assert_eq!(expired(&sim), [(1, 10)]);
}

#[test]
fn when_the_clock_fails_the_owners_hear_why() {
    let clock = Sim::timeline([(Duration::ZERO, Value::UNIT)], Reason::value(&Symbol::new("broken")));
    let owner = || {
        let label = 1u32.to_value();
        transition_no_state!(subscriber!(
            TimerExpired { label, when: When::At(5), now: _ },
            match_reason!(reason: Reason => on_absence!(quit().because(reason))),
        ))
    };
    let sim = sim(&clock, vec![spawn!(owner())]);
    let reasons: Vec<_> = sim.exits().iter().map(|exit| exit.reason.to_string()).collect();
    assert_eq!(reasons.iter().filter(|reason| reason.contains("broken")).count(), 2, "{reasons:?}");
}

#[test]
fn many_expire_in_order_and_not_all_in_one_turn() {
    let count = 2 * AT_ONCE as u32 + 1;
    let clock = ticks([(5, ALL), (5, ALL), (5, ALL)]);
    let mut sim = sim(&clock, (0..count).map(|label| sleeper(label, When::At(5))).collect());
    wait(&mut sim, 5);
    assert_eq!(expired(&sim), (0..count).map(|label| (label, 5)).collect::<Vec<_>>());
    assert_eq!(asked(&sim, &clock).len(), 3);
    assert!(!sim.is_on(&clock));
}

/// A VM with a relay and these processes.
fn nested(others: Vec<Spawn<()>>) -> Spawn<()> {
    spawn_vm!(relay(), others)
}

#[test]
fn a_relay_sets_the_timers_of_its_vm_outside_under_labels_of_its_own() {
    let clock = ticks([(0, ALL), (3, ALL), (10, ALL), (13, ALL)]);
    let mut sim = sim(&clock, vec![nested(vec![sleeper(1, When::After(10)), sleeper(2, When::At(10))])]);
    wait(&mut sim, 2);
    // A timer of that label and duration in another VM: it is not early.
    sim.spawn(nested(vec![sleeper(1, When::After(10))]));
    wait(&mut sim, 10);
    assert_eq!(expired(&sim), [(1, 10), (2, 10)]);
    wait(&mut sim, 20);
    assert_eq!(expired(&sim), [(1, 10), (2, 10), (1, 13)]);
}

#[test]
fn a_relay_within_a_relay_works() {
    let clock = ticks([(0, ALL), (10, ALL)]);
    let inner = spawn_vm!(relay(), spawn_vm!(relay(), sleeper(1, When::After(10))));
    let mut sim = sim(&clock, vec![inner]);
    wait(&mut sim, 20);
    assert_eq!(expired(&sim), [(1, 10)], "{:?}", sim.exits());
    assert!(!sim.is_on(&clock) && sim.is_done());
}

#[test]
fn a_timer_inside_goes_with_its_owner_and_with_its_vm() {
    let clock = ticks([(0, ALL), (10, ALL)]);
    let inside = || {
        transition_no_state!(
            relay(),
            sleeper(1, When::After(10)),
            at_meta_level!(subscriber!(Leave(7), on_message!(Leave(_) => send_message!(Leave(1))))),
            at_meta_level!(subscriber!(Leave(8), on_message!(Leave(_) => at_meta_level!(quit())))),
            sleeper(2, When::After(10)),
        )
    };
    let script = Script::of([clock.clone()]);
    let mut sim = Sim::new(move |_| transition_no_state!(driver(&script), spawn_vm(move |_, _| inside())));
    sim.run();
    assert!(sim.is_on(&clock));
    sim.send(&Leave(7));
    sim.run();
    assert!(sim.is_on(&clock));
    wait(&mut sim, 5);
    sim.send(&Leave(8));
    sim.run();
    assert!(!sim.is_on(&clock) && sim.is_done());
}

#[test]
fn it_works_in_a_nested_vm_with_an_event_relay() {
    let clock = ticks([(0, ALL), (10, ALL)]);
    let script = Script::of([clock.clone()]);
    let mut sim = Sim::new(move |_| {
        transition_no_state!(spawn_vm!(event_relay(), driver(&script), sleeper(1, When::After(10))))
    });
    wait(&mut sim, 20);
    assert_eq!(expired(&sim), [(1, 10)]);
    assert_eq!(asked(&sim, &clock)[0], Ask { at: 0, set: 1 });
}

#[test]
fn ticks_that_were_missed_are_one_and_the_next_is_due_at_a_multiple_of_the_period() {
    let clock = ticks([(3, ALL), (13, ALL), (47, ALL), (52, ALL), (53, ALL), (63, ALL)]);
    let mut sim = sim(&clock, vec![sleeper(1, When::Every { nanos: ms(10) })]);
    wait(&mut sim, 100);
    assert_eq!(expired(&sim), [(1, 13), (1, 47), (1, 53), (1, 63)]);
    let at: Vec<_> = asked(&sim, &clock).iter().map(|ask| ask.at).collect();
    assert_eq!(at, [0, ms(13), ms(23), ms(53), ms(53), ms(63), ms(73)]);
}

#[test]
fn a_late_tick_comes_in_the_order_of_the_deadlines() {
    let clock = ticks([(0, ALL), (100, ALL)]);
    let others = [(1, When::At(15)), (2, When::Every { nanos: ms(10) }), (3, When::At(30))];
    let mut sim = sim(&clock, others.map(|(label, when)| sleeper(label, when)).into());
    wait(&mut sim, 100);
    assert_eq!(expired(&sim), [(2, 100), (1, 100), (3, 100)]);
}

#[test]
fn one_that_comes_again_goes_with_its_last_owner() {
    let clock = ticks([(0, ALL), (10, ALL), (20, ALL)]);
    let mut sim = sim(&clock, vec![sleeper(1, When::Every { nanos: ms(10) })]);
    wait(&mut sim, 10);
    sim.send(&Leave(1));
    wait(&mut sim, 30);
    assert_eq!(expired(&sim), [(1, 10)]);
    assert!(!sim.is_on(&clock) && sim.is_done());
}

#[test]
fn a_period_beyond_all_time_never_ends_and_the_shortest_lets_others_have_turns() {
    let clock = ticks([(0, ALL), (1, ALL), (2, ALL)]);
    let others = [(1, When::every(Duration::MAX)), (2, When::Every { nanos: 1 }), (3, When::At(2))];
    let mut sim = sim(&clock, others.map(|(label, when)| sleeper(label, when)).into());
    wait(&mut sim, 10);
    assert_eq!(expired(&sim), [(2, 1), (2, 2), (3, 2)]);
}
