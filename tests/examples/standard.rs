//! The examples of timers, supervisors, demand and nested VMs, as programs.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::Program;

#[test]
fn timers_expire_in_order_and_the_program_ends() {
    let (status, said) = Program::start("timers", &[]).end();
    assert!(status.success());
    let mut lines: Vec<_> = said.lines().collect();
    let place = |line: &str| lines.iter().position(|said| *said == line).unwrap_or_else(|| panic!("{said}"));
    assert!(place("cancelled") < place("absolute"));
    assert!(place("tick 1") < place("tick 2") && place("tick 2") < place("tick 3"));
    lines.sort_unstable();
    assert_eq!(lines, ["absolute", "cancelled", "relative", "tick 1", "tick 2", "tick 3"]);
}

#[test]
fn a_line_goes_through_every_stage_of_the_pipeline() {
    let mut program = Program::start("pipeline", &[]);
    program.feed(b"one\ntwo\n\nlast");
    let (status, said) = program.end();
    assert!(status.success());
    assert_eq!(said, "1: ONE\n2: TWO\n3: \n4: LAST\n");
}

#[test]
fn a_worker_that_fails_is_started_again_until_the_supervisor_gives_up() {
    let mut program = Program::start("supervised", &["0"]);
    let mut client = TcpStream::connect(program.listening()).expect("it listens");
    client.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    let mut reader = BufReader::new(client.try_clone().expect("a handle"));
    let mut hears = |expected: &str| {
        let mut line = String::new();
        reader.read_line(&mut line).expect("it answers");
        assert_eq!(line.trim_end(), expected);
    };
    let mut say = |line: &str| client.write_all(line.as_bytes()).expect("it reads");
    hears("worker 0 is there");
    for n in 0..2 {
        say("hello\n");
        hears("HELLO");
        say("crash\n");
        hears(&format!("worker {n} failed: I cannot do that"));
        hears(&format!("worker {} is there", n + 1));
    }
    say("crash\n");
    hears("worker 2 failed: I cannot do that");
    hears("closed after 3 failures");
    hears("");
    assert!(program.end().0.success());
}

#[test]
fn neighbours_never_eat_at_once_and_everybody_eats() {
    let dinner = || {
        let (status, said) = Program::start("dining_philosophers", &["7"]).end();
        assert!(status.success());
        said
    };
    let said = dinner();
    let (mut eating, mut meals, mut most) = ([false; 5], [0; 5], 0);
    for line in said.lines() {
        let (who, what) = line.split_once(' ').expect("who does what");
        let who: usize = who.parse().expect("a philosopher");
        match what {
            "eats" => {
                assert!(!eating[(who + 1) % 5] && !eating[(who + 4) % 5] && !eating[who], "{said}");
                eating[who] = true;
            }
            "has eaten" => {
                assert!(eating[who], "{said}");
                eating[who] = false;
                meals[who] += 1;
            }
            _ => {}
        }
        most = most.max(eating.iter().filter(|eats| **eats).count());
    }
    assert_eq!((meals, most), ([7; 5], 2), "{said}");
    assert_eq!(said, dinner(), "the same each time");
}
