//! The work, as a user of marketplace writes it.

use std::collections::HashSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use marketplace::GroundVm;
use marketplace::prelude::*;

use crate::{Numbers, WINDOW, resident};

#[derive(Message, Clone)]
struct Ping(u64);

#[derive(Message, Clone)]
struct Pong(u64);

#[derive(Message, Clone)]
struct Says {
    topic: u64,
    payload: u64,
}

fn churn(vm: &mut GroundVm) {
    vm.run(usize::MAX);
    while vm.poll().is_some() {}
}

fn empty() -> GroundVm {
    GroundVm::new(|_| transition_no_state!())
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

pub(crate) fn ping_pong(messages: u64) -> Duration {
    watched_ping_pong(messages, |_| {})
}

/// With the VM watched from the first message on.
pub(crate) fn watched_ping_pong(messages: u64, watch: fn(&mut GroundVm)) -> Duration {
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
    churn(&mut vm);
    watch(&mut vm);
    vm.send(&Ping(messages));
    timed(|| churn(&mut vm))
}

/// A process that adds up what it hears.
fn listener(topic: u64) -> Spawn<()> {
    spawn!(transition!(
        0u64,
        subscriber!(
            Says { topic, .. },
            match_state!(sum: u64 => on_message!(Says { payload, .. } => transition!(sum.wrapping_add(payload)))),
        ),
    ))
}

pub(crate) fn fan_out(listeners: u64) -> Duration {
    watched_fan_out(listeners, |_| {})
}

/// With the VM watched from the first message on.
pub(crate) fn watched_fan_out(listeners: u64, watch: fn(&mut GroundVm)) -> Duration {
    let mut vm = empty();
    for _ in 0..listeners {
        vm.spawn(listener(7));
    }
    churn(&mut vm);
    watch(&mut vm);
    timed(|| {
        for _ in 0..1_000_000 / WINDOW {
            for payload in 0..WINDOW / listeners {
                vm.send(&Says { topic: 7, payload });
            }
            churn(&mut vm);
        }
    })
}

fn send_to_some(vm: &mut GroundVm, topics: u64, message: fn(u64, u64) -> Says) -> Duration {
    let mut numbers = Numbers(12345);
    timed(|| {
        for window in 0..300 {
            for payload in 0..1000 {
                vm.send(&message(numbers.below(topics), payload + window));
            }
            churn(vm);
        }
    })
}

pub(crate) fn routing(topics: u64) -> Duration {
    let mut vm = empty();
    for topic in 0..topics {
        vm.spawn(listener(topic));
    }
    churn(&mut vm);
    send_to_some(&mut vm, topics, |topic, payload| Says { topic, payload })
}

pub(crate) fn routing_by_second_place(topics: u64) -> Duration {
    let mut vm = empty();
    for payload in 0..topics {
        vm.spawn(spawn!(transition!(
            0u64,
            subscriber!(
                Says { payload, .. },
                match_state!(sum: u64 => on_message!(Says { topic, .. } => transition!(sum.wrapping_add(topic)))),
            ),
        )));
    }
    churn(&mut vm);
    send_to_some(&mut vm, topics, |payload, topic| Says { topic, payload })
}

/// A process that is in the room and knows who else is.
fn member(who: u64) -> Spawn<()> {
    type Members = HashSet<u64>;
    spawn!(transition!(
        Members::new(),
        publisher!(Says { topic: who, .. }),
        observe_publishers!(
            Says { .. },
            match_state!(mut members: Members => match_conversation!(Says { topic, .. } =>
                on_presence!({ members.insert(topic); transition!(members) }),
                on_absence!({ members.remove(&topic); transition!(members) }))),
        ),
    ))
}

fn room(members: u64) -> (GroundVm, Duration) {
    let mut vm = empty();
    let joining = timed(|| {
        for who in 0..members {
            vm.spawn(member(who));
            churn(&mut vm);
        }
    });
    (vm, joining)
}

pub(crate) fn join(members: u64) -> Duration {
    room(members).1
}

pub(crate) fn leave(members: u64) -> Duration {
    let (mut vm, _) = room(members);
    // The boot process and the event relay came first.
    let pids: Vec<_> = (2..members + 2).filter_map(|pid| Pid::from_value(&pid.to_value())).collect();
    timed(|| {
        for pid in pids {
            vm.kill(pid, Reason::Normal);
            churn(&mut vm);
        }
    })
}

pub(crate) fn spawn_and_exit(processes: u64) -> Duration {
    let mut vm = empty();
    timed(|| {
        for batch in 0..processes / 1000 {
            for topic in batch * 1000..(batch + 1) * 1000 {
                vm.spawn(spawn!(transition_no_state!(subscriber!(
                    Says { topic, .. },
                    on_message!(Says { .. } => quit()),
                ))));
            }
            churn(&mut vm);
            for topic in batch * 1000..(batch + 1) * 1000 {
                vm.send(&Says { topic, payload: 0 });
            }
            churn(&mut vm);
        }
    })
}

pub(crate) fn idle() -> usize {
    const PROCESSES: u64 = 200_000;
    let mut vm = empty();
    let before = resident();
    for topic in 0..PROCESSES {
        vm.spawn(listener(topic));
        if topic % 1000 == 999 {
            churn(&mut vm);
        }
    }
    let bytes = resident().saturating_sub(before) / PROCESSES as usize;
    black_box(&vm);
    bytes
}
