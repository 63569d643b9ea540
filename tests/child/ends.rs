//! How children end, by themselves.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::child::{self, ChildExit, ChildPacket, Command};

use crate::support::{Fifo, News, OUT, Order, beside, exists, sh, talker};

fn end_of(command: &Command) -> Reason {
    let (mut talk, process) = talker(command, [Order::Hear(OUT)]);
    beside(child::driver(), vec![process], async { talk.rest(OUT).await.2 })
}

#[test]
fn how_it_ended_is_told() {
    assert_eq!(end_of(&Command::new("true")), Reason::Normal);
    assert_eq!(end_of(&Command::new("false")), Reason::value(&ChildExit::Code(1)));
    assert_eq!(end_of(&sh("exit 255")), Reason::value(&ChildExit::Code(255)));
    assert_eq!(end_of(&sh("kill -9 $$")), Reason::value(&ChildExit::Signal(9)));
}

#[test]
fn all_that_it_said_is_heard_before_its_end() {
    let (mut talk, process) = talker(&sh("yes | head -c 5000000; exit 5"), [Order::Hear(OUT)]);
    let (heard, at_end, why) = beside(child::driver(), vec![process], async { talk.rest(OUT).await });
    assert_eq!((heard.len(), at_end, why), (5_000_000, true, Reason::value(&ChildExit::Code(5))));
}

#[test]
fn it_hears_the_end_when_somebody_says_so() {
    let (mut talk, process) = talker(&Command::new("sort"), [Order::Hear(OUT), Order::Speak]);
    beside(child::driver(), vec![process], async {
        talk.until(&News::Hears).await;
        for text in ["b\n", "", "c\na\n"] {
            talk.say(text);
        }
        talk.say_eof();
        talk.say("too late\n");
        assert_eq!(talk.rest(OUT).await, (b"a\nb\nc\n".into(), true, Reason::Normal));
    });
}

#[test]
fn it_hears_the_end_when_the_last_who_speaks_leaves() {
    let (mut talk, process) = talker(&Command::new("cat"), [Order::Hear(OUT), Order::Speak]);
    let (other, second) = talker(&Command::new("cat"), [Order::Speak]);
    beside(child::driver(), vec![process, second], async {
        talk.until(&News::Hears).await;
        talk.order(Order::Hush);
        talk.until(&News::Deaf(Reason::Normal)).await;
        other.say("still one");
        assert_eq!(talk.hear(OUT, 9).await, b"still one");
        other.order(Order::Hush);
        assert_eq!(talk.rest(OUT).await, (Vec::new(), true, Reason::Normal));
    });
}

#[test]
fn a_child_that_closes_its_input_is_deaf_and_goes_on() {
    let fifo = Fifo::new();
    let command = fifo.given_to(sh("exec 0<&-; echo closed; cat $FIFO; echo end"));
    let (mut talk, process) = talker(&command, [Order::Hear(OUT), Order::Speak]);
    beside(child::driver(), vec![process], async {
        assert_eq!(talk.line(OUT).await, "closed");
        // Another test's child that is just being started may hold the pipe for a moment: so it
        // asks until nobody hears.
        let deaf = News::Deaf(Reason::value(&Symbol::new("closed")));
        while talk.try_next() != Some(deaf.clone()) {
            talk.say("anybody?");
            tokio::task::yield_now().await;
        }
        fifo.write_nothing().await;
        assert_eq!(talk.rest(OUT).await, (b"end\n".into(), true, Reason::Normal));
    });
}

#[test]
fn others_who_hold_its_pipes_open_hold_up_nothing_for_long() {
    let fifo = Fifo::new();
    let command = fifo.given_to(sh("cat $FIFO & echo $$"));
    let (mut talk, process) = talker(&command, [Order::Hear(OUT)]);
    let driver = child::driver().grace(Duration::from_millis(50));
    beside(driver, vec![process], async {
        let (heard, at_end, why) = talk.rest(OUT).await;
        assert_eq!((at_end, why), (false, Reason::Normal));
        assert!(!exists(String::from_utf8(heard).unwrap().trim_end()), "it has ended and is no zombie");
        // The other is still there: the child was not asked to end, so neither was what it started.
        fifo.write_nothing().await;
    });
}

#[test]
fn what_lies_in_the_pipe_is_heard_even_then() {
    let fifo = Fifo::new();
    let command = fifo.given_to(sh("cat $FIFO & yes | head -c 60000"));
    let (mut talk, process) = talker(&command, [Order::Hear(OUT)]);
    beside(child::driver().grace(Duration::ZERO), vec![process], async {
        let (heard, at_end, why) = talk.rest(OUT).await;
        assert_eq!((heard.len(), at_end, why), (60_000, false, Reason::Normal));
        fifo.write_nothing().await;
    });
}

#[test]
fn what_others_say_in_its_pipes_for_a_while_is_heard() {
    let fifo = Fifo::new();
    let command = fifo.given_to(sh("(cat $FIFO; echo more) & echo out"));
    let (mut talk, process) = talker(&command, [Order::Hear(OUT)]);
    beside(child::driver().grace(Duration::MAX), vec![process], async {
        assert_eq!(talk.line(OUT).await, "out");
        fifo.write_nothing().await;
        assert_eq!(talk.rest(OUT).await, (b"more\n".into(), true, Reason::Normal));
    });
}

#[test]
fn others_who_never_stop_writing_to_its_pipes_hold_up_nothing_for_long() {
    let (mut talk, process) = talker(&sh("yes & exit 3"), [Order::Hear(OUT)]);
    let driver = child::driver().grace(Duration::from_millis(10));
    beside(driver, vec![process], async {
        let (_, at_end, why) = talk.rest(OUT).await;
        assert_eq!((at_end, why), (false, Reason::value(&ChildExit::Code(3))));
    });
}

#[test]
fn who_comes_after_its_end_starts_it_again() {
    let (mut talk, process) = talker(&sh("echo $$"), [Order::Hear(OUT)]);
    beside(child::driver(), vec![process], async {
        let (first, ..) = talk.rest(OUT).await;
        talk.order(Order::Rest(OUT));
        talk.order(Order::Hear(OUT));
        let (second, ..) = talk.rest(OUT).await;
        assert_ne!(first, second);
    });
}

#[test]
fn many_end_at_once() {
    let (mut talks, processes): (Vec<_>, Vec<_>) =
        (0..40u8).map(|id| talker(&sh("exec cat").id(id), [Order::Hear(OUT), Order::Speak])).unzip();
    beside(child::driver(), processes, async {
        for talk in &mut talks {
            talk.until(&News::Hears).await;
        }
        for (id, talk) in talks.iter().enumerate() {
            talk.say(format!("{id}"));
            talk.say_eof();
        }
        for (id, talk) in talks.iter_mut().enumerate() {
            assert_eq!(talk.rest(OUT).await, (format!("{id}").into(), true, Reason::Normal));
            assert!(!matches!(talk.try_next(), Some(News::Heard(_, ChildPacket::Data(_)))));
        }
    });
}
