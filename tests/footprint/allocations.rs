//! How often operations allocate: exactly. A delivery never does.

use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::{Figure, Says, allocations, churn, empty, listener};

const MANY: usize = 1_000;

#[derive(Message, Clone)]
struct Ping(u64);

#[derive(Message, Clone)]
struct Pong(u64);

pub(crate) fn figures() -> [Figure; 5] {
    [
        Figure { what: "allocations of 1,000 ping-pong messages", is: ping_pong(), at_most: MANY },
        Figure { what: "allocations of 1,000 messages that the host sends", is: fan_out(0), at_most: MANY },
        Figure { what: "the same, and one hears them", is: fan_out(1), at_most: MANY },
        Figure { what: "the same, and a hundred hear them", is: fan_out(100), at_most: MANY },
        Figure {
            what: "allocations of 1,000 processes: spawn, message, exit",
            is: processes(),
            at_most: 10 * MANY,
        },
    ]
}

fn ping_pong() -> usize {
    let mut vm = GroundVm::new(|_| {
        transition_no_state!(
            spawn!(transition_no_state!(subscriber!(
                Ping(_),
                on_message!(Ping(n) if n > 0 => send_message!(Pong(n - 1))),
            ))),
            spawn!(transition_no_state!(subscriber!(
                Pong(_),
                on_message!(Pong(n) if n > 0 => send_message!(Ping(n - 1))),
            ))),
        )
    });
    let mut play = |messages: usize| {
        vm.send(&Ping(messages as u64 - 1));
        churn(&mut vm);
    };
    play(MANY);
    allocations(|| play(MANY))
}

fn fan_out(listeners: usize) -> usize {
    let mut vm = empty();
    for _ in 0..listeners {
        vm.spawn(spawn!(listener(7)));
    }
    churn(&mut vm);
    let mut send = |messages: usize| {
        for payload in 0..messages {
            vm.send(&Says { topic: 7, payload: payload as u64 });
            churn(&mut vm);
        }
    };
    send(MANY);
    allocations(|| send(MANY))
}

fn processes() -> usize {
    let mut vm = empty();
    let mut live_and_die = |processes: u64| {
        for topic in 0..processes {
            vm.spawn(spawn!(transition_no_state!(subscriber!(
                Says { topic, .. },
                on_message!(Says { .. } => quit()),
            ))));
            churn(&mut vm);
            vm.send(&Says { topic, payload: 0 });
            churn(&mut vm);
        }
    };
    live_and_die(MANY as u64);
    let allocations = allocations(|| live_and_die(MANY as u64));
    assert_eq!(vm.stats().processes, 1, "all have quit");
    allocations
}
