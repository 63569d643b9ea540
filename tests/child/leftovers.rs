//! Children that nobody wants any more: nothing is left of them.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::child;
use tokio::sync::oneshot;

use crate::support::{Fifo, News, OUT, Order, beside, block_on, exists, sh, talker};

/// Says who it is, and at SIGTERM its last words. (It starts nothing: what is being started may
/// miss a signal.)
const ORDERLY: &str = "trap 'echo bye > $FIFO; exit' TERM; echo $$; read line; while :; do :; done";

/// Says who it is, and holds `$FIFO` open. Neither it nor what it starts heeds SIGTERM.
const STUBBORN: &str = "exec 3> $FIFO; trap '' TERM; echo $$; while :; do sleep 1000; done";

#[test]
fn a_child_that_nobody_wants_is_asked_to_end_and_says_its_last_words() {
    let fifo = Fifo::new();
    let (mut talk, process) = talker(&fifo.given_to(sh(ORDERLY)), [Order::Hear(OUT), Order::Speak]);
    // It takes as long as it likes: it is not killed.
    beside(child::driver().grace(Duration::MAX), vec![process], async {
        talk.line(OUT).await;
        let words = fifo.read();
        drop(talk);
        assert_eq!(words.await, "bye\n");
    });
}

#[test]
fn last_words_that_nobody_hears_hold_it_up_as_little_as_ever() {
    let fifo = Fifo::new();
    // More than fits into a pipe.
    let command = fifo.given_to(sh(&ORDERLY.replace("echo bye", "yes | head -c 1000000; echo bye")));
    let (mut talk, process) = talker(&command, [Order::Hear(OUT), Order::Speak]);
    beside(child::driver().grace(Duration::MAX), vec![process], async {
        talk.line(OUT).await;
        let words = fifo.read();
        drop(talk);
        assert_eq!(words.await, "bye\n");
    });
}

#[test]
fn one_that_does_not_end_is_killed_with_all_that_it_started() {
    let fifo = Fifo::new();
    let words = fifo.read();
    let (mut talk, process) = talker(&fifo.given_to(sh(STUBBORN)), [Order::Hear(OUT)]);
    let pid = beside(child::driver().grace(Duration::from_millis(10)), vec![process], async {
        let pid = talk.line(OUT).await;
        drop(talk);
        assert_eq!(words.await, "");
        pid
    });
    assert!(!exists(&pid), "it is no zombie");
}

#[test]
fn what_it_started_has_as_long_as_itself_to_end() {
    let fifo = Fifo::new();
    // The child ends at once; when nothing is left of it, what it started says its last words.
    let script = "(trap 'while kill -0 $$; do :; done; echo bye > $FIFO; exit' TERM; echo ready; while :; do :; done) & wait";
    let (mut talk, process) = talker(&fifo.given_to(sh(script)), [Order::Hear(OUT)]);
    beside(child::driver().grace(Duration::MAX), vec![process], async {
        talk.line(OUT).await;
        let words = fifo.read();
        drop(talk);
        assert_eq!(words.await, "bye\n");
    });
}

#[test]
fn what_it_started_and_left_behind_is_killed() {
    let fifo = Fifo::new();
    let words = fifo.read();
    let script = format!("({STUBBORN}) & wait");
    let (mut talk, process) = talker(&fifo.given_to(sh(&script)), [Order::Hear(OUT)]);
    beside(child::driver().grace(Duration::from_millis(10)), vec![process], async {
        talk.line(OUT).await;
        drop(talk);
        assert_eq!(words.await, "");
    });
}

#[test]
fn at_the_end_of_the_program_its_children_end() {
    let fifos = [Fifo::new(), Fifo::new()];
    let (mut orderly, one) = talker(&fifos[0].given_to(sh(ORDERLY)), [Order::Hear(OUT), Order::Speak]);
    let (mut stubborn, other) = talker(&fifos[1].given_to(sh(STUBBORN)), [Order::Hear(OUT)]);
    let words = fifos.each_ref().map(Fifo::read);
    let driver = child::driver().grace(Duration::from_secs(1));
    let pids =
        beside(driver, vec![one, other], async { [orderly.line(OUT).await, stubborn.line(OUT).await] });
    for pid in &pids {
        assert!(!exists(pid), "it is no zombie");
    }
    let [last, nothing] = words;
    assert_eq!((block_on(last), block_on(nothing)), ("bye\n".into(), String::new()));
}

#[test]
fn when_the_program_is_dropped_its_children_are_killed() {
    let fifo = Fifo::new();
    let words = fifo.read();
    let (mut talk, process) = talker(&fifo.given_to(sh(STUBBORN)), [Order::Hear(OUT)]);
    block_on(async {
        let boot = move |_| transition_no_state!(child::driver(), process);
        tokio::select! {
            _ = marketplace::ground::run(boot, std::future::pending()) => unreachable!("it runs on"),
            _ = talk.line(OUT) => {}
        }
        assert_eq!(words.await, "");
    });
}

#[test]
fn one_that_nobody_wants_before_it_has_started_leaves_nothing() {
    let (talk, process) = talker(&sh("exec sleep 1000"), [Order::Hear(OUT), Order::Rest(OUT)]);
    beside(child::driver().grace(Duration::MAX), vec![process], async { drop(talk) });
}

#[test]
fn one_that_is_told_too_much_is_killed_and_takes_that_for_no_end() {
    let fifo = Fifo::new();
    let words = fifo.read();
    let command =
        fifo.given_to(sh("exec 3> $FIFO; trap 'echo asked >&3' TERM; echo ready; while :; do :; done"));
    let (mut talk, process) = talker(&command, [Order::Hear(OUT), Order::Speak]);
    let driver = child::driver().grace(Duration::MAX).write_limit(1000);
    beside(driver, vec![process], async {
        talk.line(OUT).await;
        // More than the pipe takes.
        talk.say(vec![b'x'; 2_000_000]);
        let overrun = Reason::value(&Symbol::new("overrun"));
        let (mut heard, mut deaf) = (false, false);
        while !(heard && deaf) {
            let news = talk.next().await;
            heard |= news == News::Ended(OUT, overrun.clone());
            deaf |= news == News::Deaf(overrun.clone());
        }
        assert_eq!(words.await, "", "it was not asked to end");
    });
}

#[test]
fn a_program_ends_although_a_child_is_being_ended() {
    let (stop, stopped) = oneshot::channel::<()>();
    drop(stop);
    let (_talk, process) = talker(&sh("exec sleep 1000"), [Order::Hear(OUT)]);
    let ended =
        block_on(marketplace::ground::run(move |_| transition_no_state!(child::driver(), process), async {
            let _ = stopped.await;
        }));
    assert!(ended.is_ok());
}
