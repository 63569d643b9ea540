//! The process half, with scripted sockets.

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{Source, Stats, View};

use crate::script::{Leave, NEVER, Script, forever, join, leave, leaves, until};
use crate::spy;
use crate::tcp::driver;
use crate::tcp::halves::{FromListener, FromSocket, Sockets, ToSocket};
use crate::tcp::{
    TcpAddress, TcpChannel, TcpFailure, TcpFeedback, TcpListening, TcpMode, TcpPacket, TcpSignal,
};

impl Sockets for Script<String> {
    fn listen(&self, port: u16) -> Source {
        self.give(format!("listen {port}"))
    }
    fn connect(&self, host: &Text, port: u16) -> Source {
        self.give(format!("connect {host} {port}"))
    }
}

fn listening() -> Value {
    listening_until(&forever([]))
}

fn listening_until(closed: &Source) -> Value {
    let local = TcpAddress::remote("127.0.0.1", 5999);
    FromListener::Listening { local, closed: closed.clone() }.to_value()
}

fn accepted(port: u16, connection: &Source) -> Value {
    FromListener::Accepted { connection: connection.clone(), remote: client(port) }.to_value()
}

fn client(port: u16) -> TcpAddress {
    TcpAddress::remote("10.0.0.1", port)
}

fn packet(text: &'static str) -> Value {
    TcpPacket::from(text).to_value()
}

const LISTENER: TcpAddress = TcpAddress::Listener(5999);

fn sim<S: Send + 'static>(script: &Script<String>, clients: impl IntoActionTree<S>, state: S) -> Sim {
    let clients = clients.into_action_tree();
    let driver = driver::spawn(Arc::new(script.clone()));
    let mut sim = Sim::new(move |_| Transition::new(state, (driver, clients)));
    sim.run();
    sim
}

fn messages_of(sim: &Sim, label: &str) -> usize {
    sim.messages().iter().filter(|message| format!("{message:?}").starts_with(label)).count()
}

#[test]
fn only_who_names_a_port_and_leaves_the_other_end_open_opens_it() {
    let script = Script::default();
    let mut sim = sim(&script, (), ());
    join(&mut sim, observe_publishers!(TcpChannel(_, _, _)));
    join(&mut sim, subscriber!(_));
    join(&mut sim, observe_publishers!(TcpChannel(_, TcpAddress::Listener(_), _)));
    join(&mut sim, subscriber!(TcpChannel(client(1), LISTENER, _)));
    join(&mut sim, observe_publishers_everything!(TcpChannel(_, LISTENER, _)));
    join(&mut sim, spy::spy().of(topic!(TcpChannel(_, LISTENER, _))).to::<()>(|_| ()));
    join(&mut sim, spy::spy().of(topic!(TcpChannel(LISTENER, _, _))).to::<()>(|_| ()));
    join(&mut sim, observe_publishers!(TcpListening { listener: LISTENER, .. }));
    // This publisher is on the other side: sending to a port does not listen there.
    join(&mut sim, publisher!(TcpChannel(_, LISTENER, _)));
    assert!(script.asked().is_empty(), "{:?}", script.asked());
    join(&mut sim, observe_publishers!(TcpChannel(_, LISTENER, _)));
    assert_eq!(script.asked(), ["listen 5999"]);
}

#[test]
fn each_side_and_interest_that_counts_opens_a_port() {
    let script = Script::default();
    let mut sim = sim(&script, (), ());
    join(&mut sim, subscriber!(TcpChannel(_, TcpAddress::Listener(1), _)));
    join(&mut sim, publisher!(TcpChannel(TcpAddress::Listener(2), _, _)));
    join(&mut sim, observe_subscribers!(TcpChannel(TcpAddress::Listener(3), _, _)));
    join(&mut sim, observe_publishers!(TcpChannel(_, TcpAddress::Listener(4), TcpPacket::Data(_))));
    join(&mut sim, publisher!(TcpChannel(TcpAddress::Listener(5), _, TcpPacket::Data(_))));
    join(&mut sim, subscriber!(TcpChannel(TcpAddress::Remote(_, _), TcpAddress::Listener(6), _)));
    assert_eq!(script.asked(), (1..=6).map(|port| format!("listen {port}")).collect::<Vec<_>>());
}

#[test]
fn a_port_is_open_while_anybody_wants_it() {
    let listener = forever([listening()]);
    let script = Script::of([listener.clone()]);
    let mut sim = sim(&script, (), ());
    join(&mut sim, (observe_publishers!(TcpChannel(_, LISTENER, _)), leaves(1)));
    join(&mut sim, (observe_publishers!(TcpChannel(_, LISTENER, _)), leaves(2)));
    assert!(sim.is_on(&listener));
    leave(&mut sim, 1);
    assert!(sim.is_on(&listener));
    leave(&mut sim, 2);
    assert!(!sim.is_on(&listener));
    // A port that is wanted again is opened again.
    join(&mut sim, observe_publishers!(TcpChannel(_, LISTENER, _)));
    assert_eq!(script.asked().len(), 2);
}

/// A process that leaves and comes back before the driver had a turn gets one listener, and the
/// port is never opened twice at a time.
#[test]
fn a_port_that_is_let_go_and_wanted_again_at_once() {
    let sources = [forever([listening()]), forever([listening()])];
    let script = Script::of(sources.clone());
    let want = || name_endpoint(Leave(0), observe_publishers!(TcpChannel(_, LISTENER, _)));
    let mut sim = sim(&script, (), ());
    join(&mut sim, (want(), delete_endpoint(Leave(0)), want()));
    assert!(!sim.is_on(&sources[0]));
    assert!(sim.is_on(&sources[1]));
    assert!(!sim.trace().to_string().contains("spent"));
}

#[test]
fn a_port_in_use_is_refused_and_tried_again_for_the_next_who_wants_it() {
    let failure = TcpFailure::from(&Error::from(ErrorKind::AddrInUse));
    let refused = until([], Duration::ZERO, Reason::value(&failure));
    let script = Script::of([refused]);
    let mut sim = sim(
        &script,
        observe_publishers!(
            TcpChannel(_, LISTENER, _),
            match_reason!(Reason::Refused(why) => on_refusal!(send_message!(why))),
        ),
        (),
    );
    assert!(sim.messages().contains(&failure.to_value()));
    assert_eq!(script.asked().len(), 1);
    join(&mut sim, observe_publishers!(TcpChannel(_, LISTENER, _)));
    assert_eq!(script.asked().len(), 2);
}

fn session(from: &TcpAddress, to: &TcpAddress) -> ActionTree<()> {
    actions![
        publisher!(TcpChannel(to, from, _)),
        subscriber!(
            TcpChannel(from, to, _),
            on_absence!(quit()),
            on_vacancy!(quit()),
            on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
        ),
    ]
}

#[test]
fn reading_starts_with_the_first_subscriber_and_stops_with_the_last() {
    let connection = forever([]);
    let script = Script::of([forever([listening(), accepted(1, &connection)])]);
    let mut sim = sim(&script, observe_publishers!(TcpChannel(_, LISTENER, _)), ());
    assert!(sim.is_on(&connection));
    assert_eq!(sim.feedback(&connection), []);
    let (from, to) = (client(1), LISTENER);
    join(&mut sim, (publisher!(TcpChannel(to, from, _)), leaves(1)));
    join(&mut sim, (subscriber!(TcpChannel(from, to, _)), leaves(2)));
    join(&mut sim, (subscriber!(TcpChannel(from, _, _)), leaves(3)));
    for one in [2, 3] {
        leave(&mut sim, one);
    }
    let [rest, read] = [ToSocket::Rest, ToSocket::Read].map(|told| told.to_value());
    assert_eq!(sim.feedback(&connection), [rest.clone(), read, rest]);
    leave(&mut sim, 1);
    assert!(!sim.is_on(&connection), "nobody is left");
}

/// Feedback about reading that a session sends before it subscribes reaches the socket half before
/// the order to read, from whichever process it comes.
#[test]
fn what_is_said_before_the_subscriber_holds_from_the_first_packet_on() {
    let (from, to) = (client(1), LISTENER);
    let (lines, credit) = (TcpSignal::Mode(TcpMode::Lines), TcpSignal::Credit(3));
    let session = || {
        actions![
            send_feedback!(TcpFeedback(from, to, lines)),
            send_feedback!(TcpFeedback(from, to, credit)),
            subscriber!(TcpChannel(from, to, _)),
        ]
    };
    let nested = || {
        spawn_vm!((
            at_meta_level!(send_feedback!(TcpFeedback(from, to, lines))),
            at_meta_level!(send_feedback!(TcpFeedback(from, to, credit))),
            at_meta_level!(subscriber!(TcpChannel(from, to, _))),
        ))
    };
    for inside in [false, true] {
        let connection = forever((0..100).map(|_| packet("x")));
        let script = Script::of([forever([listening(), accepted(1, &connection)])]);
        let mut sim = sim(&script, observe_publishers!(TcpChannel(_, LISTENER, _)), ());
        if inside {
            join(&mut sim, nested())
        } else {
            join(&mut sim, session())
        }
        let told = [ToSocket::Mode(TcpMode::Lines), ToSocket::Credit(3), ToSocket::Read];
        assert_eq!(sim.feedback(&connection), told.map(|told| told.to_value()), "inside: {inside}");
    }
}

#[test]
fn pause_and_resume_are_told_to_the_socket_half_while_somebody_hears() {
    let connection = forever([]);
    let script = Script::of([forever([listening(), accepted(1, &connection)])]);
    let mut sim = sim(&script, observe_publishers!(TcpChannel(_, LISTENER, _)), ());
    let (from, to) = (client(1), LISTENER);
    let say = |signal| send_feedback!(TcpFeedback(from, to, signal));
    join(&mut sim, (say(TcpSignal::Pause), subscriber!(TcpChannel(from, to, _))));
    assert!(!sim.feedback(&connection).contains(&ToSocket::Read.to_value()));
    join(&mut sim, (say(TcpSignal::Credit(0)), say(TcpSignal::Resume), say(TcpSignal::Pause)));
    let told = sim.feedback(&connection);
    let last = [ToSocket::Credit(0), ToSocket::Read, ToSocket::Rest].map(|told| told.to_value());
    assert_eq!(told[told.len() - 3..], last);
}

#[test]
fn packets_take_one_turn_each_way_and_feedback_is_no_message() {
    let connection = forever([packet("a"), packet("b"), FromSocket::Written(2).to_value()]);
    let script = Script::of([forever([listening(), accepted(1, &connection)])]);
    let server = observe_publishers!(
        TcpChannel(_, LISTENER, _),
        match_conversation!(TcpChannel(from, to, _) =>
            on_presence!(spawn!(Transition::new((), session(&from, &to))))),
    );
    let sim = sim(&script, server, ());
    let told = sim.feedback(&connection);
    assert_eq!(told[told.len() - 2..], [packet("a"), packet("b")]);
    let acknowledged = TcpFeedback(LISTENER, client(1), TcpSignal::Written(2)).to_value();
    let trace = sim.trace().to_string();
    let heard =
        |what: &str| trace.lines().filter(|line| line.starts_with("p5 hears") && line.contains(what)).count();
    assert_eq!((heard("b\"a\""), heard("b\"b\"")), (2, 2), "one turn in, one turn out");
    assert!(!trace.contains("p2 hears message TcpChannel"), "the driver hears nothing of what is said");
    assert!(trace.contains(&format!("p6 hears feedback {acknowledged}")));
    assert!(!sim.messages().contains(&acknowledged));
    // Two packets came, two went; acknowledgements were not echoed.
    assert_eq!(messages_of(&sim, "TcpChannel(TcpAddress.Remote"), 2);
    assert_eq!(messages_of(&sim, "TcpChannel(TcpAddress.Listener"), 2);
}

#[test]
fn a_session_that_goes_half_closes_and_then_closes() {
    let connection = forever([]);
    let script = Script::of([forever([listening(), accepted(1, &connection)])]);
    let mut sim = sim(&script, observe_publishers!(TcpChannel(_, LISTENER, _)), ());
    let (from, to) = (client(1), LISTENER);
    join(&mut sim, (subscriber!(TcpChannel(from, to, _)), leaves(1)));
    join(&mut sim, (publisher!(TcpChannel(to, from, _)), leaves(2)));
    leave(&mut sim, 2);
    assert_eq!(sim.feedback(&connection).last(), Some(&TcpPacket::Eof.to_value()));
    assert!(sim.is_on(&connection));
    leave(&mut sim, 1);
    assert!(!sim.is_on(&connection));
}

#[test]
fn the_end_of_the_socket_is_the_end_of_the_flow_with_its_reason() {
    let reset = Reason::error(Error::from(ErrorKind::ConnectionReset));
    let connection = until([], Duration::from_secs(1), reset.clone());
    let script = Script::of([forever([listening(), accepted(1, &connection)])]);
    let server = observe_publishers!(
        TcpChannel(_, LISTENER, _),
        match_reason!(reason: Reason => on_absence!(send_message!(reason.to_string()))),
    );
    let mut sim = sim(&script, server, ());
    sim.advance(Duration::from_secs(1));
    assert!(sim.messages().contains(&reset.to_string().to_value()));
}

#[test]
fn an_untaken_connection_goes_with_its_listener_and_a_taken_one_stays() {
    let (taken, untaken) = (forever([]), forever([]));
    let closed = until([], Duration::from_secs(1), Reason::Normal);
    let items = [listening_until(&closed), accepted(1, &taken), accepted(2, &untaken)];
    let script = Script::of([forever(items)]);
    let mut sim = sim(&script, (), ());
    join(&mut sim, (observe_publishers!(TcpChannel(_, LISTENER, _)), leaves(1)));
    join(&mut sim, session(&client(1), &LISTENER));
    leave(&mut sim, 1);
    sim.advance(Duration::from_secs(1));
    assert!(sim.is_on(&taken));
    assert!(!sim.is_on(&untaken));
}

/// The port is published as open until it is closed, which takes the socket half some time; then
/// the reason is told, too.
#[test]
fn the_absence_of_a_port_comes_when_it_is_closed_with_the_reason() {
    let closed = until([], Duration::from_secs(1), Reason::Normal);
    let script = Script::of([until([listening_until(&closed)], Duration::ZERO, Reason::value(&1u8))]);
    let looker = (
        observe_publishers!(
            TcpListening { listener: LISTENER, local: _ },
            match_reason!(why: Reason => on_absence!(send_message!(("closed", why.to_string())))),
        ),
        observe_publishers!(TcpChannel(_, LISTENER, _)),
    );
    let mut sim = sim(&script, looker, ());
    let said = |sim: &Sim| sim.messages_of::<(Text, Text)>();
    assert_eq!((sim.is_on(&closed), said(&sim)), (true, vec![]));
    sim.advance(Duration::from_secs(1));
    assert_eq!(said(&sim), [("closed".into(), "1".into())]);
}

#[test]
fn a_connection_is_made_once_for_all_who_want_it_and_is_there_when_it_stands() {
    let (here, there) = (TcpAddress::handle("me"), TcpAddress::remote("example.org", 80));
    let connection = Sim::timeline(
        [(Duration::from_secs(1), FromSocket::Connected.to_value()), (NEVER, Value::UNIT)],
        Reason::Normal,
    );
    let script = Script::of([connection.clone()]);
    let mut sim = sim(&script, (), ());
    let wants = |at| {
        (
            publisher!(TcpChannel(here, there, _), on_presence!(send_message!(Leave(9)))),
            subscriber!(TcpChannel(there, here, _), on_presence!(send_message!(Leave(9)))),
            leaves(at),
        )
    };
    join(&mut sim, wants(1));
    join(&mut sim, wants(2));
    assert_eq!(script.asked(), ["connect example.org 80"]);
    assert_eq!(messages_of(&sim, "Leave(9)"), 0);
    sim.advance(Duration::from_secs(1));
    assert_eq!(messages_of(&sim, "Leave(9)"), 4);
    assert_eq!(sim.feedback(&connection), [ToSocket::Read.to_value()]);
    leave(&mut sim, 1);
    assert!(sim.is_on(&connection));
    leave(&mut sim, 2);
    assert!(!sim.is_on(&connection));
}

#[test]
fn a_connection_that_nobody_wants_any_more_is_given_up_while_it_is_being_made() {
    let (here, there) = (TcpAddress::handle("me"), TcpAddress::remote("example.org", 80));
    let connection = forever([]);
    let script = Script::of([connection.clone()]);
    let mut sim = sim(&script, (), ());
    join(&mut sim, (subscriber!(TcpChannel(there, here, _)), leaves(1)));
    assert!(sim.is_on(&connection));
    leave(&mut sim, 1);
    assert!(!sim.is_on(&connection));
}

#[test]
fn a_refusal_by_somebody_else_takes_nothing_away() {
    let (here, there) = (TcpAddress::handle("me"), TcpAddress::remote("example.org", 80));
    let connection = forever([FromSocket::Connected.to_value()]);
    let script = Script::of([connection.clone()]);
    let mut sim = sim(&script, (), ());
    let say = publisher!(TcpChannel(here, there, _));
    join(&mut sim, say);
    join(&mut sim, refuse(topic!(TcpChannel(here, there, _)), Symbol::new("no")));
    assert!(sim.is_on(&connection));
    assert!(sim.exits().iter().all(|exit| exit.reason.is_normal()), "{:?}", sim.exits());
    join(&mut sim, subscriber!(TcpChannel(there, here, _)));
    assert_eq!(script.asked().len(), 1);
}

#[test]
fn a_refusal_by_somebody_else_ends_no_port_and_no_connection_that_nobody_has_taken() {
    let untaken = forever([]);
    let listener = forever([listening(), accepted(1, &untaken)]);
    let script = Script::of([listener.clone()]);
    let mut sim = sim(&script, observe_publishers!(TcpChannel(_, LISTENER, _), on_refusal!()), ());
    join(&mut sim, refuse(Topic::any(), Symbol::new("no")));
    assert!(sim.is_on(&listener) && sim.is_on(&untaken), "{}", sim.trace());
    assert!(sim.exits().iter().all(|exit| exit.reason.is_normal()), "{:?}", sim.exits());
}

/// A user that dies of a refusal was present before: its leaving counts.
#[test]
fn a_user_that_died_of_a_refusal_wants_nothing_more() {
    let (here, there) = (TcpAddress::handle("me"), TcpAddress::remote("example.org", 80));
    let failure = TcpFailure::from(&Error::from(ErrorKind::ConnectionRefused)).to_value();
    let refused = until([], Duration::ZERO, Reason::Value(failure));
    let connection = forever([FromSocket::Connected.to_value()]);
    let script = Script::of([refused, connection.clone()]);
    let mut sim = sim(&script, (), ());
    let wants = || (publisher!(TcpChannel(here, there, _)), subscriber!(TcpChannel(there, here, _)));
    join(&mut sim, wants());
    let died = sim.exits().iter().filter(|exit| matches!(exit.reason, Reason::Refused(_))).count();
    assert_eq!(died, 1, "{:?}", sim.exits());
    join(&mut sim, (wants(), leaves(1)));
    assert!(sim.is_on(&connection));
    leave(&mut sim, 1);
    assert!(!sim.is_on(&connection));
}

#[test]
fn thousands_come_and_go_and_nothing_is_left() {
    let ended = || until([packet("x")], Duration::ZERO, Reason::Normal);
    let clients: Vec<_> = (0..2000).map(|port| accepted(port, &ended())).collect();
    let script = Script::of([forever([listening()].into_iter().chain(clients))]);
    let server = || {
        observe_publishers!(
            TcpChannel(_, LISTENER, _),
            match_conversation!(TcpChannel(from, to, _) =>
                on_presence!(spawn!(Transition::new((), session(&from, &to))))),
        )
    };
    let quiet = sim(&Script::of([forever([listening()])]), server(), ());
    let busy = sim(&script, server(), ());
    let Stats { processes, endpoints, queued, .. } = busy.stats();
    assert_eq!(messages_of(&busy, "TcpChannel(TcpAddress.Listener"), 2000);
    assert_eq!((processes, endpoints, queued), (quiet.stats().processes, quiet.stats().endpoints, 0));
}

#[test]
fn strangers_who_look_at_everything_and_go_close_nothing() {
    let listener = forever([listening()]);
    let script = Script::of([listener.clone()]);
    let mut sim = sim(&script, observe_publishers!(TcpChannel(_, LISTENER, _)), ());
    assert!(sim.is_on(&listener));
    join(&mut sim, actions![subscriber!(_), publisher!(_), leaves(1)]);
    leave(&mut sim, 1);
    assert!(sim.is_on(&listener), "{}", sim.trace());
}

/// A session makes its messages of the addresses that it has heard.
#[test]
fn an_address_is_one_value_however_often_it_is_sent() {
    let echoer = |from: TcpAddress, to: TcpAddress| -> Transition<()> {
        transition_no_state!(
            publisher!(TcpChannel(to, from, _)),
            subscriber!(
                TcpChannel(from, to, _),
                on_message!(TcpChannel(_, _, data) => send_message!(TcpChannel(to, from, data))),
            ),
        )
    };
    let connection = forever([packet("one"), packet("two")]);
    let script = Script::of([forever([listening(), accepted(1, &connection)])]);
    let sessions = observe_publishers!(
        TcpChannel(_, LISTENER, _),
        match_conversation!(TcpChannel(from, to, _) => on_presence!(spawn!(echoer(from, to)))),
    );
    let sim = sim(&script, sessions, ());
    let mut places = Vec::new();
    for message in sim.messages() {
        if let View::Record(label, [from, to, _]) = message.view()
            && label.as_str() == "TcpChannel"
        {
            let mut ends = [from, to];
            ends.sort();
            places.push(ends.map(|end| match end.view() {
                View::Record(_, fields) => fields.as_ptr(),
                _ => panic!("{end} is no address"),
            }));
        }
    }
    assert_eq!(places.len(), 4);
    assert!(places.iter().all(|ends| *ends == places[0]));
}
