//! A test that fails in a sim is told of what nobody heard there, as a program is.
#![cfg(debug_assertions)]

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace_drivers::tcp::{self, TcpAddress, TcpChannel};
use marketplace_drivers::timer;

use crate::told;

#[derive(Message, Clone, Debug, PartialEq)]
struct Raise(u64);

#[derive(Message, Clone, Debug, PartialEq)]
struct Raises(u64);

#[derive(Message, Clone, Debug, PartialEq)]
struct Count(u64);

/// Under test. The test looks at what it says, so nobody else needs to hear it.
fn counter() -> Transition<u64> {
    transition!(
        0,
        subscriber!(
            Raise(_),
            match_state!(n: &mut u64 => on_message!(Raise(by) => {
                *n += by;
                send_message!(Count(*n))
            }))
        ),
    )
}

fn with_counter() -> Sim {
    Sim::new(|_| transition_no_state!(spawn!(counter())))
}

/// The lines that the sims of a test say.
fn sims(test: &str) -> Vec<String> {
    told(test).into_iter().filter(|line| line.starts_with("sim")).collect()
}

#[test]
fn a_message_that_a_test_sends_before_its_sim_runs_is_told_if_the_test_fails() {
    assert_eq!(
        sims("sims::too_early"),
        ["sim: nobody has heard Raise(7) of host: counter() subscribes to it only since then; \
          let the VM run before the host says it (in a test, `sim.run()`)"]
    );
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(7)")]
fn too_early() {
    let mut sim = with_counter();
    sim.send(&Raise(7));
    sim.run();
    assert_eq!(sim.messages_of::<Count>(), [Count(7)]);
}

#[test]
fn actions_that_wait_for_a_run_are_told_if_the_test_fails() {
    assert_eq!(sims("sims::never_runs"), ["sim: actions wait: `sim.run()` performs them"]);
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(7)")]
fn never_runs() {
    let mut sim = with_counter();
    sim.send(&Raise(7));
    assert_eq!(sim.messages_of::<Count>(), [Count(7)]);
}

/// Counts once a second.
fn with_clock() -> Sim {
    let tick = || timer::every(Duration::from_secs(1), || send_message!(Count(7)));
    Sim::new(move |_| transition_no_state!(timer::driver(), spawn!(transition_no_state!(tick()))))
}

#[test]
fn what_is_due_is_told_if_the_test_fails_in_no_time() {
    assert_eq!(
        sims("sims::lets_no_time_pass"),
        ["sim: something is due in 1s: `sim.advance(..)` lets time pass"]
    );
    assert_eq!(sims("sims::lets_time_pass"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(7)")]
fn lets_no_time_pass() {
    let mut sim = with_clock();
    sim.run();
    assert_eq!(sim.messages_of::<Count>(), [Count(7)]);
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(8)")]
fn lets_time_pass() {
    let mut sim = with_clock();
    sim.advance(Duration::from_secs(1));
    assert_eq!(sim.messages_of::<Count>(), [Count(8)]);
}

/// Sends to itself, as if without end.
fn restless() -> Transition<u32> {
    transition!(
        0,
        subscriber!(
            "on",
            match_state!(n: &mut u32 => on_message!(_ => {
                *n += 1;
                (*n < 320_000).then(|| send_message!("on"))
            }))
        ),
        send_message!("on"),
    )
}

#[test]
fn a_run_that_may_have_no_end_is_told_with_the_process_that_goes_on() {
    assert_eq!(
        sims("sims::goes_on"),
        ["sim: 300000 steps, and it is not idle: of the actions that wait, most are of restless()"]
    );
}

#[test]
#[ignore = "run by other tests"]
fn goes_on() {
    Sim::new(|_| transition_no_state!(spawn!(restless()))).run();
}

#[test]
fn messages_of_the_wrong_type_are_told_if_the_test_fails() {
    assert_eq!(
        sims("sims::wrong_type"),
        [
            "sim: nobody has heard Raises(7) of host: no process subscribes to Raises(..), but counter() subscribes to Raise(_): \
          one of the two may be misspelt",
            "sim: nobody has heard [\"more\", 3] of host: no process subscribes to [\"more\", ..]",
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(7)")]
fn wrong_type() {
    let mut sim = with_counter();
    sim.run();
    sim.send(&Raises(7));
    sim.send(&(Text::from("more"), 3u8));
    sim.run();
    assert_eq!(sim.messages_of::<Count>(), [Count(7)]);
}

#[test]
fn two_types_of_one_name_are_told_if_the_test_fails() {
    let [line] = &sims("sims::twins")[..] else { panic!("one line") };
    assert!(line.contains("are one message in the VM of counter()"), "{line}");
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(7)")]
fn twins() {
    mod elsewhere {
        use marketplace::prelude::*;

        #[derive(Message, Clone, Debug, PartialEq)]
        pub(super) struct Raise(pub(super) Text);
    }
    let mut sim = Sim::new(|_| {
        transition_no_state!(subscriber!(elsewhere::Raise(_), on_message!(_ => ())), spawn!(counter()))
    });
    sim.run();
    sim.send(&elsewhere::Raise("7".into()));
    sim.run();
    assert_eq!(sim.messages_of::<Count>(), [Count(7)]);
}

/// A process may say to nobody just what the test looks at.
#[test]
fn of_what_the_test_looks_at_nothing_is_told() {
    assert_eq!(sims("sims::fails_otherwise"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(8)")]
fn fails_otherwise() {
    let mut sim = with_counter();
    sim.run();
    sim.send(&Raise(7));
    sim.run();
    assert_eq!(sim.messages_of::<Count>(), [Count(8)]);
}

/// The sockets of a driver are not there in a sim.
#[test]
fn a_driver_that_wants_the_outside_is_told_if_the_test_fails() {
    assert_eq!(
        sims("sims::waits_for_a_connection"),
        [
            "sim: tcp-listener has turned on an outer half, and nothing plays that in a sim: let a process of the test \
             play the part of the driver",
            "sim: accepts() waits for a publisher of TcpChannel(_, TcpAddress.Listener(5999), _), and none has ever \
             been there",
        ]
    );
}

#[test]
#[ignore = "run by other tests"]
#[should_panic(expected = "Count(7)")]
fn waits_for_a_connection() {
    let accepts = || {
        transition_no_state!(observe_publishers!(
            TcpChannel(_, TcpAddress::Listener(5999), _),
            on_presence!(send_message!(Count(7))),
            on_refusal!(),
        ))
    };
    let mut sim = Sim::new(move |_| transition_no_state!(tcp::driver(), spawn!(accepts())));
    sim.run();
    assert_eq!(sim.messages_of::<Count>(), [Count(7)]);
}
