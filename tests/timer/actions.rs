//! `after`, `at` and `every`: one action, with a handler.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::timer;

const SECOND: Duration = Duration::from_secs(1);

/// A process says this: a number, and perhaps when.
#[derive(Message, Clone, Debug, PartialEq)]
struct Said(u32, u64);

fn said(sim: &Sim) -> Vec<(u32, u64)> {
    sim.messages_of::<Said>().into_iter().map(|Said(what, when)| (what, when)).collect()
}

fn sim<T: IntoTransition<State: Send + 'static>>(boot: impl FnOnce() -> T + Send + 'static) -> Sim {
    let mut sim = Sim::new(move |_| transition_no_state!(timer::driver(), spawn!(boot())));
    sim.run();
    sim
}

fn seconds(n: u64) -> Duration {
    SECOND * u32::try_from(n).unwrap()
}

#[derive(Default)]
struct Counter {
    count: u32,
}

impl Counter {
    fn moved(self) -> Transition<Self> {
        let count = self.count + 1;
        transition!(Self { count }, send_message!(Said(count, 1)))
    }

    fn changed(&mut self, now: Duration) -> ActionTree<Self> {
        self.count += 1;
        send_message!(Said(self.count, now.as_secs())).into()
    }

    fn shown(&self) -> PreAction<Self> {
        send_message!(Said(self.count, 3))
    }

    fn fails(&mut self) -> Result<PreAction<Self>, Failure> {
        self.count = "many".parse()?;
        Ok(quit())
    }
}

#[test]
fn a_handler_takes_the_state_in_each_way_or_not() {
    let mut sim = sim(|| {
        transition!(
            Counter::default(),
            timer::after(seconds(1), Counter::moved),
            timer::after(seconds(2), Counter::changed),
            timer::after(seconds(3), Counter::shown),
            timer::after(seconds(4), || send_message!(Said(0, 4))),
            timer::after(seconds(5), |c: Counter| transition!(c, send_message!(Said(0, 5)))),
            timer::after(seconds(6), |c: Counter, now: Duration| {
                transition!(c, send_message!(Said(0, now.as_secs())))
            }),
            timer::after(seconds(7), |c: &mut Counter| {
                c.count = 7;
                (c.count == 7).then(|| send_message!(Said(7, 7)))
            }),
            timer::after(seconds(8), |c: &Counter, now: Duration| send_message!(Said(
                c.count,
                now.as_secs()
            ))),
            timer::after(seconds(9), |c: &mut Counter| c.count = 9),
            timer::after(seconds(10), |_: &mut Counter| ()),
            timer::after(seconds(11), |_: &Counter| {}),
            timer::after(seconds(12), |c: &mut Counter, _| actions![c.shown(), quit()]),
        )
    });
    sim.advance(seconds(20));
    let expected = [(1, 1), (2, 2), (2, 3), (0, 4), (0, 5), (0, 6), (7, 7), (7, 8), (9, 3)];
    assert_eq!(said(&sim), expected, "{}", sim.trace());
}

#[test]
fn a_handler_fails_by_a_question_mark() {
    let mut sim = sim(|| {
        transition!(
            Counter::default(),
            spawn!(transition!(Counter::default(), timer::every(SECOND, Counter::fails))),
            spawn!(transition_no_state!(timer::after(SECOND, || {
                let n: u32 = "few".parse()?;
                Ok::<_, Failure>(send_message!(n))
            }))),
            timer::after(SECOND, |c: Counter| {
                let n: u32 = "some".parse()?;
                Ok::<_, std::num::ParseIntError>(transition!(Counter { count: n + c.count }))
            }),
        )
    });
    sim.advance(SECOND);
    let reasons: Vec<_> = sim.exits().iter().map(|exit| exit.reason.to_string()).collect();
    assert_eq!(reasons, ["invalid digit found in string"; 3]);
}

#[test]
fn a_handler_of_one_timer_may_move_what_it_has() {
    let mut sim = sim(|| {
        let jobs = vec![1u32, 2];
        transition_no_state!(timer::after(SECOND, move || spawn!(transition_no_state!(
            jobs.into_iter().map(|job| send_message!(Said(job, 1)))
        ))))
    });
    sim.advance(SECOND);
    assert_eq!(said(&sim), [(1, 1), (2, 1)]);
}

#[test]
fn a_timer_is_set_in_any_clause() {
    let mut sim = sim(|| {
        transition!(
            Counter::default(),
            subscriber!("lent", on_message!(_ => timer::after(SECOND, |c: &mut Counter| c.count += 1)),),
            subscriber!(
                "moved",
                match_state!(c: Counter => on_message!(_ => transition!(
                    c,
                    name_endpoint("shown", timer::after(SECOND, |c: &Counter| c.shown())),
                    timer::after(SECOND * 2, Counter::shown),
                )))
            ),
            subscriber!(
                "none",
                on_message!(_ => actions![timer::after(SECOND / 2, || delete_endpoint("shown"))])
            ),
        )
    });
    for said in ["lent", "none", "moved"] {
        sim.send(&Text::from(said));
    }
    sim.advance(SECOND * 2);
    assert_eq!(said(&sim), [(1, 3)]);
}

#[test]
fn one_that_comes_again_does_so_with_its_period_until_it_is_deleted() {
    let mut sim = sim(|| {
        transition!(
            Counter::default(),
            name_endpoint("tick", timer::every(SECOND / 2, Counter::changed)),
            timer::after(SECOND * 2 - SECOND / 4, || delete_endpoint(Symbol::new("tick"))),
        )
    });
    sim.advance(SECOND * 10);
    assert_eq!(said(&sim), [(1, 0), (2, 1), (3, 1)]);
}

#[test]
fn a_period_that_is_no_whole_number_of_milliseconds_is_kept() {
    let mut sim = sim(|| transition!(Counter::default(), timer::every(SECOND / 3, Counter::changed)));
    sim.advance(SECOND * 3000);
    // A third of a second is 333,333,333 ns here.
    assert_eq!(said(&sim).len(), 9000);
}

#[test]
fn the_same_timer_in_two_processes_is_two() {
    let ticker = |n: u32| {
        move || {
            transition_no_state!(
                name_endpoint("tick", timer::every(SECOND, move || send_message!(Said(n, 0)))),
                subscriber!(Said(9, u64::from(n)), on_message!(_ => delete_endpoint("tick"))),
            )
        }
    };
    let mut sim = sim(ticker(1));
    sim.advance(SECOND / 2);
    sim.spawn(spawn!(ticker(2)()));
    // The second does not start the first again.
    sim.advance(SECOND / 2);
    assert_eq!(said(&sim), [(1, 0)]);
    sim.advance(SECOND / 2);
    assert_eq!(said(&sim), [(1, 0), (2, 0)]);
    sim.send(&Said(9, 1));
    sim.advance(SECOND);
    assert_eq!(said(&sim), [(1, 0), (2, 0), (9, 1), (2, 0)]);
}

#[test]
fn one_that_is_replaced_is_set_anew() {
    let mut sim = sim(|| {
        fn patience<S>() -> AddEndpoint<S> {
            name_endpoint("patience", timer::after(SECOND, || send_message!(Said(0, 0))))
        }
        transition_no_state!(patience(), subscriber!("again", on_message!(_ => patience())))
    });
    for _ in 0..5 {
        sim.advance(SECOND - Duration::from_millis(1));
        sim.send(&Text::from("again"));
    }
    sim.advance(SECOND - Duration::from_millis(1));
    assert_eq!(said(&sim), []);
    sim.advance(Duration::from_millis(1));
    assert_eq!(said(&sim), [(0, 0)]);
}

#[test]
fn a_process_takes_its_timers_with_it() {
    let mut sim = sim(|| {
        transition_no_state!(
            timer::every(SECOND, || send_message!(Said(1, 0))),
            timer::after(SECOND * 3, || send_message!(Said(2, 0))),
            timer::after(SECOND + SECOND / 2, quit),
        )
    });
    sim.advance(SECOND * 10);
    assert_eq!(said(&sim), [(1, 0)]);
    assert!(sim.is_done());
}

#[test]
fn a_period_of_zero_is_refused_also_behind_a_relay() {
    let restless = || transition_no_state!(timer::every(Duration::ZERO, || ()));
    let mut sim =
        sim(move || transition_no_state!(spawn!(restless()), spawn_vm!(timer::relay(), spawn!(restless()))));
    sim.advance(SECOND);
    let trace = sim.trace().to_string();
    assert_eq!(trace.matches("exits: refused: \"a period of 0\"").count(), 2, "{trace}");
}
