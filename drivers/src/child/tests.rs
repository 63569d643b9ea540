//! The process half, with scripted children. Real ones are in `tests/child`.

use std::sync::Arc;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Failure, Source};

use crate::child::halves::{Children, FromChild, ToChild, Wants};
use crate::child::{
    ChildExit, ChildFailure, ChildInput, ChildOutput, ChildPacket, ChildStream, ChildWritten, Command, driver,
};
use crate::script::{NEVER, Script, join, leave, leaves};

impl Children for Script<Command> {
    fn start(&self, command: &Command) -> Source {
        self.give(command.clone())
    }
}

const SOON: Duration = Duration::from_secs(1);

const STARTED: FromChild = FromChild::Started { hears: true };

/// A child that gives these items as it is asked, and does not end.
fn running(says: impl IntoIterator<Item = FromChild>) -> Source {
    let says = says.into_iter().map(|said| (Duration::ZERO, said));
    Sim::timeline(says.chain([(NEVER, STARTED)]), Reason::Normal)
}

/// A child that has started, gives these items, and ends with this reason.
fn ending(says: impl IntoIterator<Item = FromChild>, end: Reason) -> Source {
    Sim::timeline([STARTED].into_iter().chain(says).map(|said| (Duration::ZERO, said)), end)
}

fn said(stream: ChildStream, text: &'static str) -> FromChild {
    FromChild::Said(stream, text.into())
}

fn command() -> Command {
    Command::new("sort").arg("-r")
}

fn wanted(stdin: bool, stdout: bool, stderr: bool) -> Value {
    ToChild::Wanted(Wants { stdin, stdout, stderr }).to_value()
}

#[derive(Message, Clone, Debug, PartialEq)]
enum Log {
    Runs,
    Heard(ChildStream, ChildPacket),
    Ended(Reason),
    Hears,
    Deaf(Reason),
    Written(u64),
}

fn reader(stream: ChildStream) -> AddEndpoint<()> {
    let command = command();
    subscriber!(
        ChildOutput(command, stream, _),
        on_message!(ChildOutput(_, stream, packet) => send_message!(Log::Heard(stream, packet))),
        on_presence!(send_message!(Log::Runs)),
        match_reason!(why: Reason => on_absence!(send_message!(Log::Ended(why)))),
    )
}

fn writer() -> AddEndpoint<()> {
    let command = command();
    publisher!(
        ChildInput(command, _),
        on_message!(ChildWritten(_, bytes) => send_message!(Log::Written(bytes))),
        on_presence!(send_message!(Log::Hears)),
        match_reason!(why: Reason => on_absence!(send_message!(Log::Deaf(why)))),
    )
}

fn sim(script: &Script<Command>) -> Sim {
    let driver = driver::spawn(Arc::new(script.clone()));
    let mut sim = Sim::new(move |_| transition_no_state!(driver));
    sim.run();
    sim
}

#[test]
fn who_observes_or_leaves_the_command_open_starts_nothing() {
    let script = Script::default();
    let mut sim = sim(&script);
    let command = command();
    join(&mut sim, observe_publishers!(ChildOutput(command, _, _)));
    join(&mut sim, observe_subscribers!(ChildInput(command, _)));
    join(&mut sim, observe_publishers_everything!(ChildOutput(command, _, _)));
    join(&mut sim, subscriber!(ChildOutput(_, ChildStream::Stdout, _)));
    join(&mut sim, publisher!(ChildInput(_, _)));
    join(&mut sim, subscriber!(_));
    // This subscriber is on the other side: a process that hears the input of a child is no user of
    // it.
    join(&mut sim, subscriber!(ChildInput(command, _)));
    join(&mut sim, publisher!(ChildOutput(command, _, _)));
    assert_eq!(script.asked(), []);
}

#[test]
fn the_first_participant_in_either_direction_starts_it() {
    let script = Script::default();
    let mut sim = sim(&script);
    join(&mut sim, writer());
    assert_eq!(script.asked(), [command()]);
    join(&mut sim, reader(ChildStream::Stdout));
    assert_eq!(script.asked().len(), 1, "one child for all who name the command");
    let other = command().id(2);
    join(&mut sim, subscriber!(ChildOutput(other, _, _)));
    assert_eq!(script.asked(), [command(), other], "and another for another id");
}

#[test]
fn it_runs_while_anybody_names_it_in_either_direction() {
    let source = running([STARTED]);
    let mut sim = sim(&Script::of([source.clone()]));
    join(&mut sim, (writer(), leaves(1)));
    join(&mut sim, (reader(ChildStream::Stdout), leaves(2)));
    // Neither of these holds it.
    let command = command();
    join(&mut sim, observe_publishers!(ChildOutput(command, _, _)));
    join(&mut sim, subscriber!(ChildOutput(_, ChildStream::Stderr, _)));
    leave(&mut sim, 1);
    assert!(sim.is_on(&source));
    leave(&mut sim, 2);
    assert!(!sim.is_on(&source));
}

#[test]
fn it_is_told_which_of_its_streams_are_wanted() {
    let source = running([STARTED]);
    let mut sim = sim(&Script::of([source.clone()]));
    join(&mut sim, (reader(ChildStream::Stdout), writer(), leaves(1)));
    assert_eq!(sim.feedback(&source).last(), Some(&wanted(true, true, false)));
    join(&mut sim, (reader(ChildStream::Stderr), reader(ChildStream::Stdout), leaves(2)));
    assert_eq!(sim.feedback(&source).last(), Some(&wanted(true, true, true)));
    let told = sim.feedback(&source).len();
    leave(&mut sim, 1);
    assert_eq!(sim.feedback(&source)[told..], [wanted(false, true, true)], "the second reader still reads");
}

#[test]
fn its_presence_says_that_it_has_started() {
    let source = Sim::timeline([(SOON, STARTED), (NEVER, STARTED)], Reason::Normal);
    let mut sim = sim(&Script::of([source]));
    join(&mut sim, (reader(ChildStream::Stdout), writer()));
    assert_eq!(sim.messages_of::<Log>(), []);
    sim.advance(SOON);
    assert_eq!(sim.messages_of::<Log>(), [Log::Runs, Log::Hears]);
}

#[test]
fn a_child_that_started_without_an_input_hears_nobody() {
    let source = running([FromChild::Started { hears: false }]);
    let mut sim = sim(&Script::of([source.clone()]));
    join(&mut sim, reader(ChildStream::Stdout));
    join(&mut sim, writer());
    assert_eq!(sim.messages_of::<Log>(), [Log::Runs]);
    sim.send(&ChildInput(command(), "lost".into()));
    sim.run();
    assert!(!sim.feedback(&source).contains(&ToChild::Say("lost".into()).to_value()));
}

#[test]
fn what_is_said_goes_both_ways_in_order() {
    let (out, err) = (ChildStream::Stdout, ChildStream::Stderr);
    let eof = ChildPacket::Eof;
    let source = running([STARTED, said(out, "a"), said(err, "b"), FromChild::Said(out, eof.clone())]);
    let mut sim = sim(&Script::of([source.clone()]));
    join(&mut sim, (reader(out), writer()));
    for packet in [ChildPacket::from("one"), "two".into(), ChildPacket::Eof] {
        sim.send(&ChildInput(command(), packet));
    }
    sim.run();
    // Nobody here subscribes to the standard error stream.
    let heard = [Log::Runs, Log::Hears, Log::Heard(out, "a".into()), Log::Heard(out, eof.clone())];
    assert_eq!(sim.messages_of::<Log>(), heard);
    let told = sim.feedback(&source);
    let say = |packet: ChildPacket| ToChild::Say(packet).to_value();
    assert_eq!(told[told.len() - 3..], [say("one".into()), say("two".into()), say(eof)]);
    assert!(
        !sim.trace().to_string().contains("p2 hears message"),
        "the driver hears nothing of what is said"
    );
}

#[test]
fn what_was_written_is_acknowledged_to_who_speaks() {
    let mut sim = sim(&Script::of([running([STARTED, FromChild::Written(7)])]));
    join(&mut sim, writer());
    assert_eq!(sim.messages_of::<Log>(), [Log::Hears, Log::Written(7)]);
}

#[test]
fn a_child_that_ends_well_ends_normally_for_everybody() {
    let mut sim = sim(&Script::of([ending([said(ChildStream::Stdout, "done")], Reason::Normal)]));
    join(&mut sim, (reader(ChildStream::Stdout), writer()));
    let heard = Log::Heard(ChildStream::Stdout, "done".into());
    let (ended, deaf) = (Log::Ended(Reason::Normal), Log::Deaf(Reason::Normal));
    assert_eq!(sim.messages_of::<Log>(), [Log::Runs, Log::Hears, heard, ended, deaf]);
}

#[test]
fn how_a_child_ended_is_the_reason_of_its_absence() {
    for exit in [ChildExit::Code(3), ChildExit::Signal(15)] {
        let mut sim = sim(&Script::of([ending([], Reason::value(&exit))]));
        join(&mut sim, (reader(ChildStream::Stdout), writer()));
        let (ended, deaf) = (Log::Ended(Reason::value(&exit)), Log::Deaf(Reason::value(&exit)));
        assert_eq!(sim.messages_of::<Log>(), [Log::Runs, Log::Hears, ended, deaf]);
    }
}

#[test]
fn a_child_that_cannot_start_is_refused_and_tried_again_for_the_next_who_wants_it() {
    let why = ChildFailure { kind: "NotFound".into(), text: "no such program".into() };
    let fails = Sim::timeline::<Value>([], Failure::value(&why).0);
    let script = Script::of([fails, running([STARTED])]);
    let mut sim = sim(&script);
    join(&mut sim, (reader(ChildStream::Stdout), leaves(1)));
    assert_eq!(sim.messages_of::<Log>(), [Log::Ended(Reason::Refused(why.to_value()))]);
    join(&mut sim, reader(ChildStream::Stdout));
    assert_eq!(script.asked().len(), 2);
    assert_eq!(sim.messages_of::<Log>().last(), Some(&Log::Runs));
}

#[test]
fn who_stays_after_the_end_starts_nothing_and_who_comes_then_does() {
    let second = running([STARTED]);
    let script = Script::of([ending([], Reason::Normal), second.clone()]);
    let mut sim = sim(&script);
    join(&mut sim, (reader(ChildStream::Stdout), leaves(1)));
    assert_eq!(script.asked().len(), 1);
    join(&mut sim, (reader(ChildStream::Stdout), leaves(2)));
    assert_eq!(script.asked().len(), 2);
    leave(&mut sim, 1);
    assert!(sim.is_on(&second));
    leave(&mut sim, 2);
    assert!(!sim.is_on(&second));
}

#[test]
fn a_child_that_closes_its_input_is_deaf_and_goes_on() {
    let source = running([STARTED, FromChild::Closed, said(ChildStream::Stdout, "still here")]);
    let mut sim = sim(&Script::of([source]));
    join(&mut sim, (reader(ChildStream::Stdout), writer()));
    let deaf = Log::Deaf(Reason::value(&Symbol::new("closed")));
    let heard = Log::Heard(ChildStream::Stdout, "still here".into());
    assert_eq!(sim.messages_of::<Log>(), [Log::Runs, Log::Hears, deaf, heard]);
}

#[test]
fn a_refusal_by_somebody_else_takes_nothing_away() {
    let source = running([STARTED]);
    let mut sim = sim(&Script::of([source.clone()]));
    join(&mut sim, (reader(ChildStream::Stdout), writer()));
    let command = command();
    join(&mut sim, refuse(topic!(ChildInput(command, _)), Symbol::new("no")));
    join(&mut sim, refuse(topic!(ChildOutput(command, _, _)), Symbol::new("no")));
    assert!(sim.is_on(&source));
    assert!(sim.exits().iter().all(|exit| exit.reason.is_normal()), "{:?}", sim.exits());
    assert_eq!(sim.feedback(&source).last(), Some(&wanted(true, true, false)));
}

#[test]
fn a_refusal_by_somebody_else_does_not_count_as_the_last_who_leaves() {
    for wants in [writer, || reader(ChildStream::Stdout)] {
        let source = running([STARTED]);
        let mut sim = sim(&Script::of([source.clone()]));
        join(&mut sim, wants());
        let command = command();
        join(&mut sim, refuse(topic!(ChildInput(command, _)), Symbol::new("no")));
        join(&mut sim, refuse(topic!(ChildOutput(command, _, _)), Symbol::new("no")));
        assert!(sim.is_on(&source), "{}", sim.trace());
    }
}

#[test]
fn strangers_who_look_at_everything_and_go_end_nothing() {
    let source = running([STARTED]);
    let mut sim = sim(&Script::of([source.clone()]));
    join(&mut sim, reader(ChildStream::Stdout));
    join(&mut sim, actions![subscriber!(_), publisher!(_), leaves(1)]);
    leave(&mut sim, 1);
    assert!(sim.is_on(&source), "{}", sim.trace());
}

#[test]
fn hundreds_come_and_go_and_nothing_is_left() {
    let script = Script::default();
    let mut sim = sim(&script);
    let before = sim.stats();
    for id in 0..300u16 {
        script.prepare(ending([], Reason::Normal));
        let command = command().id(id);
        join(&mut sim, (publisher!(ChildInput(command, _)), leaves(1)));
    }
    leave(&mut sim, 1);
    assert_eq!(script.asked().len(), 300);
    let after = sim.stats();
    assert_eq!((after.processes, after.endpoints), (before.processes, before.endpoints));
}
