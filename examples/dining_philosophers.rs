//! Five philosophers share five forks. A philosopher that wants to eat demands two forks, and a
//! fork shows itself to one at a time.
//!
//! Run it: `cargo run --example dining_philosophers` (or `-- 10`, for ten meals each). It ends when
//! all have eaten.
//!
//! A philosopher wants a fork by subscribing to it: that is the demand. The fork grants itself by
//! publishing to the first who wants it: that is the presence. Nobody gives a fork back: who has
//! eaten stops wanting, the fork hears that absence, and turns to the next. A philosopher who fails
//! would give back its forks in the same way. Everybody takes the fork with the lower number first,
//! so there is no deadlock.

use std::collections::VecDeque;

use marketplace::prelude::*;
use marketplace::sim::Sim;

const SEATS: u32 = 5;

/// Fork `fork` is for `philosopher`.
#[derive(Message, Clone, Debug, PartialEq)]
struct Fork {
    fork: u32,
    philosopher: u32,
}

fn main() -> Result<(), std::num::ParseIntError> {
    let meals = std::env::args().nth(1).map_or(Ok(3), |meals| meals.parse())?;
    // Nothing here waits for anything outside: the same program runs in a sim as in `ground_vm!`.
    let mut sim = Sim::new(move |_boot_pid| {
        let forks: Vec<Spawn<()>> = (0..SEATS).map(|n| spawn!(fork(n))).collect();
        let guests: Vec<Spawn<()>> = (0..SEATS).map(|n| spawn!(philosopher(n, meals))).collect();
        transition_no_state!(forks, guests)
    });
    sim.run();
    Ok(())
}

/// A fork: who wants it, the first being the one who has it.
fn fork(n: u32) -> Transition<VecDeque<u32>> {
    transition!(
        VecDeque::new(),
        observe_subscribers!(
            Fork { fork: n, philosopher: _ },
            match_conversation!(Fork { philosopher, .. } => match_state!(queue: &mut VecDeque<u32> =>
                on_presence!({
                    queue.push_back(philosopher);
                    serve(n, queue)
                }),
                on_absence!({
                    queue.retain(|waiting| *waiting != philosopher);
                    serve(n, queue)
                }),
            )),
        ),
    )
}

/// Shows itself to the first in the queue. One endpoint, replaced: it never shows itself to two.
fn serve(n: u32, queue: &VecDeque<u32>) -> ActionTree<VecDeque<u32>> {
    let granted = Symbol::new("granted");
    match queue.front().copied() {
        Some(first) => {
            actions![name_endpoint(granted, publisher!(Fork { fork: n, philosopher: first }))]
        }
        None => actions![delete_endpoint(granted)],
    }
}

/// Eats so many times, and leaves.
fn philosopher(me: u32, meals: u32) -> Transition<u32> {
    if meals == 0 {
        return transition!(0);
    }
    let (left, right) = (me, (me + 1) % SEATS);
    println!("{me} is hungry");
    transition!(meals, take(me, left.min(right), Some(left.max(right))))
}

/// Wants a fork; when it is there, wants the other; with both, eats.
fn take(me: u32, fork: u32, other: Option<u32>) -> AddEndpoint<u32> {
    name_endpoint(
        fork,
        subscriber!(
            Fork { fork, philosopher: me },
            match_state!(meals: u32 => on_presence!({
                println!("{me} has fork {fork}");
                match other {
                    Some(other) => transition!(meals, take(me, other, None)),
                    None => eat(me, meals),
                }
            })),
        ),
    )
}

/// Eats while everybody else has a turn; then wants no forks any more, and later begins again.
fn eat(me: u32, meals: u32) -> Transition<u32> {
    println!("{me} eats");
    transition!(
        meals,
        yield_now!(|meals: u32| {
            println!("{me} has eaten");
            let forks = [me, (me + 1) % SEATS].map(delete_endpoint);
            transition!(meals - 1, forks, yield_now!(|meals: u32| philosopher(me, meals)))
        }),
    )
}
