//! Timers: a relative one, an absolute one, one that is cancelled, and one that comes again and
//! again.
//!
//! Run it: `cargo run --example timers`. It ends by itself, when nobody waits for anything.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::timer;

fn main() -> Result<(), GroundError> {
    ground_vm!(
        timer::driver(),
        timer::after(ms(30), || println!("relative")),
        timer::at(ms(60), || println!("absolute")),
        spawn!(impatient()),
        spawn!(ticker()),
    )
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Sets two timers, one of them under a name. The other cancels it: to delete the endpoint is all
/// there is to it.
fn impatient() -> Transition<()> {
    transition_no_state!(
        name_endpoint("long", timer::after(ms(3_600_000), || println!("never"))),
        timer::after(ms(15), || {
            println!("cancelled");
            delete_endpoint("long")
        }),
    )
}

/// Ticks three times, and ends.
fn ticker() -> Transition<u32> {
    transition!(
        0,
        timer::every(ms(40), |ticks: &mut u32| {
            *ticks += 1;
            println!("tick {ticks}");
            (*ticks == 3).then(quit)
        }),
    )
}
