//! Tests that every driver has to pass.

use std::io;
use std::sync::{Arc, Mutex};

use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::console::{self, ConsoleInput, ConsoleOutput};
use crate::{child, signals, tcp, timer, udp, watch};

/// All drivers, twice.
fn each_twice() -> Vec<[Spawn<()>; 2]> {
    vec![
        [tcp::driver().spawn(), tcp::driver().spawn()],
        [udp::driver().spawn(), udp::driver().spawn()],
        [timer::driver(), timer::driver()],
        [timer::relay(), timer::relay()],
        [timer::driver(), timer::relay()],
        [console::driver().spawn(), console::driver().spawn()],
        [signals::driver(), signals::driver()],
        [child::driver().spawn(), child::driver().spawn()],
        [watch::driver(), watch::driver()],
    ]
}

#[test]
fn the_second_of_a_kind_ends_and_says_why() {
    for [first, second] in each_twice() {
        let what = format!("{first:?}");
        let mut sim = Sim::new(move |_| transition_no_state!(spawn_vm!(first, second)));
        sim.run();
        let [exit] = sim.exits() else { panic!("{what}: {:?}", sim.exits()) };
        assert_eq!(exit.pid.number(), 2, "{what}: the second");
        let why = exit.reason.to_string();
        assert!(why.starts_with("this VM has its") && why.contains("already"), "{what}: {why}");
    }
}

#[test]
fn a_nested_vm_may_have_its_own() {
    for [outside, inside] in each_twice() {
        let mut sim = Sim::new(move |_| transition_no_state!(spawn_vm!(outside, spawn_vm!(inside))));
        sim.run();
        assert!(sim.exits().is_empty(), "{:?}", sim.exits());
    }
}

/// A process refuses every conversation: no driver sends or wants anything for it.
#[test]
fn a_refusal_of_everything_ends_none() {
    for [driver, _] in each_twice() {
        let what = format!("{driver:?}");
        let stranger =
            || transition_no_state!(refuse(Topic::any(), "no"), at_meta_level!(refuse(Topic::any(), "no")));
        let mut sim = Sim::new(move |_| transition_no_state!(spawn_vm!(driver, spawn!(stranger()))));
        sim.run();
        assert!(sim.exits().is_empty(), "{what}: {:?}", sim.exits());
    }
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl io::Write for Screen {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A user of the first driver sees no sign of the second that could mean the end of the first.
#[test]
fn whoever_uses_the_first_notices_nothing() {
    let screen = Screen::default();
    let shown = screen.0.clone();
    let user = || {
        transition_no_state!(
            send_message!(ConsoleOutput::line("hello")),
            publisher!(ConsoleOutput(_, _), on_absence!(quit().because("lost"))),
            subscriber!(
                ConsoleInput(_),
                on_message!(ConsoleInput(line) => send_message!(ConsoleOutput::line(&line))),
                on_absence!(send_message!(ConsoleOutput::line("bye"))),
            ),
        )
    };
    let boot = move |_| {
        let console =
            |input: &'static str| console::driver().over(input.as_bytes(), screen.clone(), io::sink());
        transition_no_state!(console("one\ntwo\n"), console("three\n"), spawn!(user()))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(marketplace::ground::run(boot, std::future::pending())).is_ok());
    assert_eq!(String::from_utf8_lossy(&shown.lock().unwrap()), "hello\none\ntwo\nbye\n");
}
