//! The process half, with scripted sockets.

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marketplace::Source;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::script::{Leave, NEVER, Script, forever, join, leave, leaves, until};
use crate::udp::driver;
use crate::udp::halves::{FromSocket, Sockets, ToSocket};
use crate::udp::{UdpAddress, UdpBound, UdpFeedback, UdpPacket, UdpProblem};

impl Sockets for Script<String> {
    fn listener(&self, port: u16) -> Source {
        self.give(format!("listener {port}"))
    }
    fn handle(&self) -> Source {
        self.give("handle".into())
    }
}

const LISTENER: UdpAddress = UdpAddress::Listener(53);

fn bound() -> Value {
    bound_until(&forever([]))
}

fn bound_until(closed: &Source) -> Value {
    FromSocket::Bound { local: UdpAddress::remote("127.0.0.1", 53), closed: closed.clone() }.to_value()
}

fn remote(port: u16) -> UdpAddress {
    UdpAddress::remote("10.0.0.1", port)
}

fn came(port: u16, text: &'static str) -> Value {
    FromSocket::Came(remote(port).to_value(), Bytes::from(text).to_value()).to_value()
}

fn me() -> UdpAddress {
    UdpAddress::handle("me")
}

/// An event that a process heard, or the reason why a peer went.
#[derive(Message, Clone, Debug, PartialEq)]
struct Heard(u8, Text);

fn sim(script: &Script<String>) -> Sim {
    let sockets = Arc::new(script.clone());
    let mut sim = Sim::new(move |_| transition_no_state!(driver::spawn(sockets)));
    sim.run();
    sim
}

fn hears<S>(who: u8, from: &UdpAddress, socket: &UdpAddress) -> AddEndpoint<S> {
    subscriber!(
        UdpPacket(from, socket, _),
        on_message!(UdpPacket(_, _, bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            send_message!(Heard(who, text.into()))
        }),
        match_reason!(why: Reason => on_absence!(send_message!(Heard(who, why.to_string().into())))),
    )
}

fn heard(sim: &Sim) -> Vec<(u8, String)> {
    sim.messages_of::<Heard>().into_iter().map(|Heard(who, what)| (who, what.to_string())).collect()
}

#[test]
fn only_who_names_a_socket_opens_it() {
    let script = Script::default();
    let mut sim = sim(&script);
    join(&mut sim, subscriber!(_));
    join(&mut sim, observe_publishers!(UdpPacket(_, _, _)));
    join(&mut sim, subscriber!(UdpPacket(_, UdpAddress::Listener(_), _)));
    join(&mut sim, subscriber!(UdpPacket(_, UdpAddress::Handle(_), _)));
    join(&mut sim, observe_publishers_everything!(UdpPacket(_, LISTENER, _)));
    join(&mut sim, observe_subscribers_everything!(UdpPacket(LISTENER, _, _)));
    join(&mut sim, observe_publishers!(UdpBound { socket: LISTENER, .. }));
    let handle = me();
    // Observers of a handle want to know of it, not to talk.
    join(&mut sim, observe_publishers!(UdpPacket(_, handle, _)));
    join(&mut sim, observe_subscribers!(UdpPacket(handle, _, _)));
    // This publisher is on the other side: sending to a port does not listen there.
    let there = remote(1);
    join(&mut sim, publisher!(UdpPacket(_, LISTENER, _)));
    join(&mut sim, publisher!(UdpPacket(there, LISTENER, _)));
    join(&mut sim, subscriber!(UdpPacket(LISTENER, there, _)));
    // Datagrams come from remotes only.
    join(&mut sim, subscriber!(UdpPacket(UdpAddress::Listener(1), UdpAddress::Listener(2), _)));
    assert!(script.asked().is_empty(), "{:?}", script.asked());
}

#[test]
fn each_side_and_interest_that_counts_opens_a_socket() {
    let script = Script::default();
    let mut sim = sim(&script);
    let there = remote(1);
    join(&mut sim, subscriber!(UdpPacket(_, UdpAddress::Listener(1), _)));
    join(&mut sim, publisher!(UdpPacket(UdpAddress::Listener(2), _, _)));
    join(&mut sim, observe_subscribers!(UdpPacket(UdpAddress::Listener(3), _, _)));
    join(&mut sim, observe_publishers!(UdpPacket(_, UdpAddress::Listener(4), _)));
    join(&mut sim, subscriber!(UdpPacket(there, UdpAddress::Listener(5), _)));
    join(&mut sim, publisher!(UdpPacket(UdpAddress::Listener(6), there, _)));
    assert_eq!(script.asked(), (1..=6).map(|port| format!("listener {port}")).collect::<Vec<_>>());
    for (n, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let handle = UdpAddress::handle(name);
        match n {
            0 => join(&mut sim, subscriber!(UdpPacket(_, handle, _))),
            1 => join(&mut sim, publisher!(UdpPacket(handle, _, _))),
            2 => join(&mut sim, subscriber!(UdpPacket(there, handle, _))),
            _ => join(&mut sim, publisher!(UdpPacket(handle, there, _))),
        }
    }
    assert_eq!(script.asked()[6..], ["handle"; 4]);
}

#[test]
fn a_socket_is_one_for_all_and_there_while_anybody_wants_it() {
    let socket = forever([bound()]);
    let script = Script::of([socket.clone()]);
    let mut sim = sim(&script);
    let handle = me();
    let there = remote(1);
    join(&mut sim, (publisher!(UdpPacket(handle, _, _)), leaves(1)));
    join(&mut sim, (subscriber!(UdpPacket(there, handle, _)), leaves(2)));
    leave(&mut sim, 1);
    assert!(sim.is_on(&socket));
    leave(&mut sim, 2);
    assert!(!sim.is_on(&socket));
    assert_eq!(script.asked().len(), 1);
    // A socket that is wanted again is opened again.
    join(&mut sim, publisher!(UdpPacket(handle, _, _)));
    assert_eq!(script.asked().len(), 2);
}

#[test]
fn a_socket_that_is_let_go_and_wanted_again_at_once() {
    let sources = [forever([bound()]), forever([bound()])];
    let script = Script::of(sources.clone());
    let want = || name_endpoint(Leave(0), subscriber!(UdpPacket(_, LISTENER, _)));
    let mut sim = sim(&script);
    join(&mut sim, (want(), delete_endpoint(Leave(0)), want()));
    assert_eq!(sources.each_ref().map(|source| sim.is_on(source)), [false, true]);
    assert_eq!(script.asked().len(), 2);
}

#[test]
fn it_is_there_once_it_is_bound_and_says_where() {
    let second = Duration::from_secs(1);
    let socket = Sim::timeline([(second, bound()), (NEVER, Value::UNIT)], Reason::Normal);
    let mut sim = sim(&Script::of([socket.clone()]));
    let tell = |who: u8| send_message!(Heard(who, "there".into()));
    join(
        &mut sim,
        (
            observe_publishers!(
                UdpBound { socket: LISTENER, .. },
                match_conversation!(UdpBound { local, .. } =>
                    on_presence!(send_message!(Heard(1, local.to_string().into()))))
            ),
            // With the remote left open altogether, these two would meet each other.
            subscriber!(UdpPacket(UdpAddress::Remote(_, _), LISTENER, _), on_presence!(tell(2))),
            publisher!(UdpPacket(LISTENER, UdpAddress::Remote(_, _), _), on_presence!(tell(3))),
        ),
    );
    let there = remote(9);
    sim.send(&UdpPacket(LISTENER, there.clone(), "early".into()));
    sim.run();
    assert_eq!((heard(&sim), sim.feedback(&socket)), (vec![], vec![]));
    sim.advance(second);
    let mut all = heard(&sim);
    all.sort();
    assert_eq!(all, [(1, "127.0.0.1:53".into()), (2, "there".into()), (3, "there".into())]);
    sim.send(&UdpPacket(LISTENER, there.clone(), "late".into()));
    sim.run();
    assert_eq!(sim.feedback(&socket), [ToSocket(there, "late".into()).to_value()]);
}

#[test]
fn each_hears_what_concerns_it_and_the_driver_nothing() {
    let socket = forever([bound(), came(1, "one"), came(2, "two"), came(3, "")]);
    let listener = forever([bound(), came(1, "to me too")]);
    let mut sim = sim(&Script::of([socket, listener]));
    let (handle, one, two) = (me(), remote(1), remote(2));
    // They come in one turn, so that all are there when the first datagram comes.
    join(
        &mut sim,
        (
            hears(1, &one, &handle),
            hears(2, &two, &handle),
            subscriber!(
                UdpPacket(_, handle, _),
                on_message!(UdpPacket(_, _, bytes) =>
                send_message!(Heard(3, format!("{}", bytes.len()).into())))
            ),
            hears(4, &one, &LISTENER),
        ),
    );
    let mut all = heard(&sim);
    all.sort();
    let expected = [(1, "one"), (2, "two"), (3, "0"), (3, "3"), (3, "3"), (4, "to me too")]
        .map(|(who, what)| (who, what.into()));
    assert_eq!(all, expected);
    sim.send(&UdpPacket(handle, one.clone(), "what goes".into()));
    sim.send(&UdpPacket(LISTENER, one, "what goes".into()));
    sim.run();
    assert!(!sim.trace().to_string().contains("p2 hears message UdpPacket"));
    assert!(sim.trace().to_string().contains("p2 hears presence"), "the driver is p2");
}

#[test]
fn what_was_not_sent_is_told_to_its_sender_alone_and_is_no_message() {
    let problem = UdpProblem::new("TooBig", "too big");
    let socket = forever([bound(), FromSocket::Unsent(remote(1), problem.clone()).to_value()]);
    let mut sim = sim(&Script::of([socket]));
    let (handle, one, two) = (me(), remote(1), remote(2));
    let sender = |who: u8, to: &UdpAddress| {
        publisher!(
            UdpPacket(handle, to, _),
            on_message!(UdpFeedback(_, _, UdpProblem { kind, .. }) =>
                send_message!(Heard(who, kind.as_str().into()))),
        )
    };
    join(&mut sim, (sender(1, &one), sender(2, &two), hears(3, &one, &handle)));
    assert_eq!(heard(&sim), [(1, "TooBig".into())]);
    let feedback = UdpFeedback(handle, one, problem).to_value();
    assert!(!sim.messages().contains(&feedback));
}

#[test]
fn a_socket_that_cannot_be_bound_is_refused_and_tried_again_for_the_next_who_wants_it() {
    let problem = UdpProblem::from(&Error::from(ErrorKind::AddrInUse));
    let refused = until([], Duration::ZERO, Reason::value(&problem));
    let script = Script::of([refused]);
    let mut sim = sim(&script);
    join(
        &mut sim,
        (
            observe_publishers!(
                UdpBound { socket: LISTENER, .. },
                match_reason!(Reason::Refused(why) => on_refusal!(send_message!((1u8, why)))),
            ),
            subscriber!(
                UdpPacket(_, LISTENER, _),
                match_reason!(Reason::Refused(why) => on_refusal!(send_message!((2u8, why)))),
            ),
            // A process that only sends is not told of its own publisher.
            publisher!(UdpPacket(LISTENER, _, _)),
        ),
    );
    for who in [1u8, 2] {
        assert!(sim.messages().contains(&(who, problem.to_value()).to_value()), "{}", sim.trace());
    }
    assert_eq!(script.asked().len(), 1);
    join(&mut sim, subscriber!(UdpPacket(_, LISTENER, _)));
    assert_eq!(script.asked().len(), 2);
}

#[test]
fn a_socket_that_fails_is_absent_with_the_reason_and_opened_for_the_next() {
    let second = Duration::from_secs(1);
    let broken = Reason::error(Error::other("no buffers"));
    let sources = [until([bound()], second, broken.clone()), forever([bound()])];
    let script = Script::of(sources.clone());
    let mut sim = sim(&script);
    let (handle, there) = (me(), remote(1));
    join(&mut sim, hears(1, &there, &handle));
    sim.advance(second);
    assert_eq!(heard(&sim), [(1, broken.to_string())]);
    join(&mut sim, (publisher!(UdpPacket(handle, _, _)), leaves(1)));
    assert!(sim.is_on(&sources[1]));
    assert_eq!(script.asked().len(), 2);
    // The first user is still there, and wants the socket as much as the second did.
    leave(&mut sim, 1);
    assert!(sim.is_on(&sources[1]));
}

#[test]
fn a_refusal_by_somebody_else_takes_nothing_away() {
    let socket = forever([bound()]);
    let mut sim = sim(&Script::of([socket.clone()]));
    let handle = me();
    join(&mut sim, publisher!(UdpPacket(handle, _, _)));
    join(&mut sim, refuse(Topic::any(), Symbol::new("no")));
    // Neither does a stranger who is interested in everything, and goes.
    join(&mut sim, (subscriber!(_), publisher!(_), leaves(1)));
    leave(&mut sim, 1);
    assert!(sim.is_on(&socket));
    assert_eq!(sim.exits().iter().filter(|exit| !exit.reason.is_normal()).count(), 0, "{:?}", sim.exits());
}

/// A user that dies of a refusal was present before: its leaving counts.
#[test]
fn a_user_that_died_of_a_refusal_wants_nothing_more() {
    let socket = forever([bound()]);
    let mut sim = sim(&Script::of([socket.clone()]));
    let handle = me();
    join(&mut sim, (publisher!(UdpPacket(handle, _, _)), subscriber!("job")));
    assert!(sim.is_on(&socket));
    join(&mut sim, refuse(topic!("job"), "no"));
    assert!(!sim.is_on(&socket));
}

#[test]
fn thousands_come_and_go_and_nothing_is_left() {
    let script = Script::default();
    let mut sim = sim(&script);
    let quiet = sim.stats();
    for n in 0..1000 {
        let handle = UdpAddress::Handle(n.to_value());
        join(&mut sim, (publisher!(UdpPacket(handle, _, _)), leaves(1)));
    }
    leave(&mut sim, 1);
    let now = sim.stats();
    assert_eq!((now.processes, now.endpoints, now.queued), (quiet.processes, quiet.endpoints, 0));
    assert_eq!(script.asked().len(), 1000);
}
