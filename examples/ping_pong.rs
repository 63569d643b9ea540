//! The conversation of the manual: one process waits until somebody listens, then pings; both ends
//! clean up after themselves.
//!
//! Run it: `cargo run --example ping_pong`. It prints everything that happened.

use marketplace::prelude::*;
use marketplace::sim::Sim;

#[derive(Message, Clone, Debug, PartialEq)]
enum Talk {
    Ping,
    Pong,
    PingerArrived,
    PingerDeparted,
}

/// Process A answers pings, and says who comes and goes.
fn ponger() -> Transition<()> {
    transition_no_state!(subscriber!(
        Talk::Ping,
        on_presence!(send_message!(Talk::PingerArrived)),
        on_absence!(send_message!(Talk::PingerDeparted)),
        on_message!(Talk::Ping => send_message!(Talk::Pong)),
    ))
}

/// Process B pings once somebody is there to hear it, and takes its endpoints away when it has its
/// answer.
fn pinger() -> Transition<()> {
    let_fresh!(ping, pong => transition_no_state!(name_endpoint(
        ping,
        publisher!(
            Talk::Ping,
            on_presence!(actions![
                name_endpoint(
                    pong,
                    subscriber!(
                        Talk::Pong,
                        on_message!(Talk::Pong => actions![delete_endpoint(ping), delete_endpoint(pong)]),
                    ),
                ),
                send_message!(Talk::Ping),
            ]),
        ),
    )))
}

fn main() {
    let mut sim = Sim::new(|_boot_pid| {
        transition_no_state!(
            name_process(Symbol::new("A"), spawn!(ponger())),
            name_process(Symbol::new("B"), spawn!(pinger())),
        )
    });
    sim.run();
    print!("{}", sim.trace());
    println!("\nThe messages, in order: {:?}", sim.messages());
}
