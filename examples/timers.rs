//! Timers: a relative one, an absolute one, one that is cancelled, and one that comes again and
//! again.
//!
//! Run it: `cargo run --example timers`. It ends by itself, when nobody waits for anything.

use marketplace::prelude::*;
use marketplace_drivers::timer::{self, TimerExpired, When};

fn main() -> Result<(), GroundError> {
    ground_vm!(
        timer::driver(),
        spawn!(transition_no_state!(alarm("relative", When::After(30)))),
        spawn!(transition_no_state!(alarm("absolute", When::At(60)))),
        spawn!(impatient()),
        spawn!(ticker(1)),
    )
}

/// An alarm goes off once. Its label tells it from others; several may share one.
fn alarm<S>(name: &'static str, when: When) -> AddEndpoint<S> {
    let label = Text::from(name).to_value();
    once(subscriber!(TimerExpired { label, when, now: _ }, on_message!(_ => println!("{name}")),))
}

/// Sets two timers under names. The first to expire cancels the other: to delete the endpoint is
/// all there is to it.
fn impatient() -> Transition<()> {
    let (long, short) = (Fresh::new(), Fresh::new());
    let soon = short.to_value();
    transition_no_state!(
        name_endpoint(long, alarm("never", When::After(3_600_000))),
        name_endpoint(
            short,
            once(subscriber!(
                TimerExpired { label: soon, when: When::After(15), now: _ },
                on_message!(_ => {
                    println!("cancelled");
                    delete_endpoint(long)
                }),
            )),
        ),
    )
}

/// Ticks three times. Each tick sets the next one, under a label of its own.
fn ticker(tick: u32) -> Transition<()> {
    transition_no_state!(next_tick(tick))
}

fn next_tick(tick: u32) -> AddEndpoint<()> {
    let label = Fresh::new().to_value();
    once(subscriber!(
        TimerExpired { label, when: When::After(40), now: _ },
        on_message!(_ => {
            println!("tick {tick}");
            (tick < 3).then(|| next_tick(tick + 1))
        }),
    ))
}
