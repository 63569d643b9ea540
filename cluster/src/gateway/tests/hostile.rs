//! A peer that says what it must not.

use std::time::Duration;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::{Performed, What};
use marketplace_captp::value::Room;

use super::{Stage, role, topic, value};
use crate::crossing::crossings;
use crate::engine::EngineEvent;
use crate::gateway::{ClusterMetrics, ClusterState, Warning, measure};
use crate::link::Link;
use crate::lost::Lost;
use crate::settings::Settings;
use crate::wire::{Clocks, Frame, Greeting, Numbers, PROTOCOL, Packet};

#[test]
fn c10_a_peer_that_breaks_the_protocol_loses_its_link_and_comes_back_later() {
    let wrong: [&[Bytes]; 5] = [
        &[Frame::withdraw(0, 1, &Reason::Normal)],
        &[Frame::change(0, 1, &role("x(1)"))],
        &[Frame::announce(0, 1, &role("x(1)")), Frame::announce(0, 1, &role("x(2)"))],
        &[
            Frame::announce(0, 1, &role("x(1)")),
            Frame::announce(0, 2, &role("y(1)")),
            Frame::announce(0, 3, &role("y(2)")),
        ],
        &[Bytes::from_static(b"[7'picture0+1+]")],
    ];
    for frames in wrong {
        let mut stage = Stage::new(Settings { announcements: 2, ..Settings::default() });
        assert_eq!(stage.members(), 2);
        frames.iter().for_each(|frame| stage.peer.push(frame));
        // Nothing of what follows is taken.
        stage.peer.push(&Frame::message(0, Orientation::Publisher, &Value::record("x", [9.into()])));
        stage.carry();
        assert_eq!(stage.members(), 1, "{frames:?}");
        assert!(!stage.sim.messages().contains(&Value::record("x", [9.into()])));
        assert_eq!(stage.sim.messages_of::<Warning>().len(), 1);
        let shown = stage.sim.dump().to_string();
        assert!(!shown.contains("x(1)"), "{shown}");
        stage.pass(Duration::from_secs(1));
        stage.pass(Duration::from_secs(1));
        assert_eq!(stage.members(), 2, "{frames:?}");
        assert!(stage.sim.exits().is_empty());
    }
}

#[test]
fn c10_no_frames_end_more_than_the_link() {
    let roles = ["x(1)", "x(_)", "_", "y(_)", "x(1, 2)"];
    let reasons = [Reason::Normal, Reason::Changed, Reason::Refused(7.into()), Reason::Panic("boom".into())];
    for mut seed in 0..300u64 {
        let mut below = |end: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % end
        };
        let mut stage = Stage::new(Settings { announcements: 10, ..Settings::default() });
        for _ in 0..30 {
            let (id, role) = (below(6) as u64, role(roles[below(5)]));
            let frame = match below(8) {
                0..3 => Frame::announce(0, id, &role),
                3 => Frame::change(0, id, &role),
                4 => Frame::withdraw(0, id, &reasons[below(4)]),
                5 => Frame::message(0, Orientation::Subscriber, &Value::record("x", [1.into()])),
                6 => Frame::refuse(0, &topic(roles[below(5)]), &Value::UNIT),
                _ => Frame::picture(),
            };
            stage.peer.push(&frame);
            if below(4) == 0 {
                stage.pass(Duration::from_millis(below(3000) as u64));
            }
        }
        stage.pass(Duration::ZERO);
        assert!(stage.sim.exits().is_empty(), "{}", stage.sim.trace());
        // Stand-ins go with the link.
        stage.peer.down(stage.sim.now());
        stage.puppet.with(|(events, _)| events.push_back(EngineEvent::Down("b".into(), 7)));
        stage.sim.run();
        assert_eq!(stage.members(), 1);
        // The eyes, the member, the ears for `leave` and `measure`, the relay's, and the program's.
        assert_eq!(stage.sim.stats().endpoints, 7, "{}", stage.sim.dump());
    }
}

#[test]
fn c3_nothing_that_a_peer_says_after_it_has_left_takes_effect() {
    let mut stage = Stage::new(Settings::default());
    let frames = vec![
        Frame::leave(0, &Reason::Normal),
        Frame::announce(0, 5, &role("x(1)")),
        Frame::message(0, Orientation::Publisher, &value("x(9)")),
        Frame::withdraw(0, 7, &Reason::Normal),
    ];
    let packet = Packet::Frames { numbers: stage.numbers(), first: 1, taken: 0, frames: frames.into() };
    stage.inject(&packet);
    assert_eq!(stage.members(), 1);
    let shown = stage.sim.dump().to_string();
    assert!(!shown.contains("x(1)"), "{shown}");
    assert_eq!((stage.sim.messages(), stage.warnings()), (vec![], vec![]));
}

#[test]
fn c11_a_peer_says_nothing_here_that_is_not_shared() {
    let mut stage = Stage::new(Settings::default());
    let shared = |text: &str| Frame::message(0, Orientation::Publisher, &value(text));
    for frame in [shared("y(1)"), shared("x(1, 2)"), shared("LeaveCluster(7)"), shared("x(1)")] {
        stage.peer.push(&frame);
    }
    stage.peer.push(&Frame::refuse(0, &Topic::any(), &Value::UNIT));
    stage.carry();
    assert_eq!(stage.sim.messages(), [value("x(1)")]);
    let refused = stage.sim.trace().records().iter().filter_map(|record| match &record.what {
        What::Performed { action: Performed::Refuse(topic, _), .. } => Some(topic.to_string()),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), ["x(_)"]);
}

impl Stage {
    fn warnings(&self) -> Vec<String> {
        self.sim.messages_of::<Warning>().iter().map(|warning| warning.text.to_string()).collect()
    }
}

const MOST: u64 = u64::MAX;

#[test]
fn c10_no_number_is_too_large() {
    let clocks = Clocks { said: MOST, heard: MOST, since: MOST };
    let packets: [fn(Numbers) -> Packet; 7] = [
        |numbers| Packet::Frames { numbers, first: MOST, taken: 0, frames: vec![Frame::picture(); 3].into() },
        |numbers| Packet::Frames { numbers, first: 0, taken: 0, frames: vec![Frame::picture(); 3].into() },
        |numbers| Packet::Frames { numbers, first: MOST, taken: MOST, frames: vec![].into() },
        |numbers| Packet::Frames { numbers, first: 1, taken: MOST, frames: vec![].into() },
        |numbers| Packet::Last { numbers, last: MOST, taken: 0, clocks: Clocks::default() },
        |numbers| Packet::Last { numbers, last: 0, taken: MOST, clocks: Clocks::default() },
        |_| {
            let [stream, heard] = [MOST; 2];
            Packet::Greeting(Greeting { protocol: PROTOCOL, version: "".into(), stream, heard, stood: true })
        },
    ];
    for packet in packets {
        let mut stage = Stage::new(Settings::default());
        let numbers = stage.numbers();
        stage.inject(&packet(numbers));
        stage.pass(Duration::from_secs(10));
        assert!(stage.sim.exits().is_empty(), "{}", stage.sim.trace());
        // Clocks may say what they like.
        let mut stage = Stage::new(Settings::default());
        let numbers = stage.numbers();
        stage.inject(&Packet::Last { numbers, last: 0, taken: 0, clocks });
        stage.inject(&Packet::Last { numbers, last: 0, taken: 0, clocks: Clocks { said: 1, ..clocks } });
        assert_eq!(stage.members(), 2, "the link stands");
    }
}

#[test]
fn c4_nothing_that_was_not_taken_has_crossed() {
    // There is a gap before these.
    for first in [2, 3, MOST - 1, MOST] {
        let mut stage = Stage::new(Settings::default());
        stage.sim.log_mut().turn_on();
        let frames = vec![Frame::announce(1, 5, &role("x(1)")); 3];
        let packet = Packet::Frames { numbers: stage.numbers(), first, taken: 0, frames: frames.into() };
        stage.inject(&packet);
        assert_eq!(crossings(stage.sim.log()), [], "from {first}");
    }
    // The second one comes from a machine that has left.
    let mut stage = Stage::new(Settings::default());
    stage.sim.log_mut().turn_on();
    let frames = vec![Frame::leave(1, &Reason::Normal), Frame::announce(2, 5, &role("x(1)"))];
    let packet = Packet::Frames { numbers: stage.numbers(), first: 1, taken: 0, frames: frames.into() };
    stage.inject(&packet);
    let said: Vec<_> = crossings(stage.sim.log()).iter().map(|crossing| crossing.said).collect();
    assert_eq!(said, [1]);
}

#[test]
fn c10_a_peer_announces_no_more_bytes_than_may_wait() {
    let settings =
        Settings { message_bytes: 1000, queued_bytes: 4000, announcements: 10, ..Settings::default() };
    let large = |n: usize, bytes: usize| {
        let topic = Topic::from(Value::record("x", ["y".repeat(bytes).into()]));
        let written = crate::wire::encode_role(&Role::publisher(topic)).unwrap_or_default();
        Frame::announce(0, n as u64, &written)
    };
    // There is room for 2,000 bytes, and for 64 around each thing.
    let mut stage = Stage::new(settings.clone());
    (0..2).for_each(|n| stage.peer.push(&large(n, 900)));
    stage.carry();
    assert_eq!((stage.members(), stage.warnings()), (2, vec![]));
    (2..4).for_each(|n| stage.peer.push(&large(n, 900)));
    stage.carry();
    let told = "what b says is wrong: the topics that it announces are too large";
    assert_eq!((stage.members(), stage.warnings()), (1, vec![told.into()]));
    // One that changes and goes leaves room.
    let mut stage = Stage::new(settings.clone());
    for n in 0..100 {
        stage.peer.push(&large(n as usize, 900));
        let small = crate::wire::encode_role(&Role::publisher(topic("x(1)"))).unwrap_or_default();
        stage.peer.push(&Frame::change(0, n, &small));
        stage.peer.push(&Frame::withdraw(0, n, &Reason::Normal));
    }
    stage.carry();
    assert_eq!((stage.members(), stage.warnings()), (2, vec![]));
    // One that changes needs no room beside its old self.
    let mut stage = Stage::new(settings.clone());
    (0..2).for_each(|n| stage.peer.push(&large(n, 900)));
    for n in 0..100 {
        let topic = Topic::from(Value::record("x", ["z".repeat(900 + n % 2).as_str().into()]));
        let written = crate::wire::encode_role(&Role::publisher(topic)).unwrap_or_default();
        stage.peer.push(&Frame::change(0, n as u64 % 2, &written));
    }
    stage.carry();
    assert_eq!((stage.members(), stage.warnings()), (2, vec![]));
    // A thing that is too large by itself.
    let mut stage = Stage::new(settings);
    stage.peer.push(&Frame::leave(0, &Reason::Value("z".repeat(2000).as_str().into())));
    stage.carry();
    assert_eq!(
        (stage.members(), stage.warnings()),
        (1, vec!["what b says is wrong: it says too much at once".into()])
    );
}

#[test]
fn c10_texts_of_a_peer_are_kept_as_far_as_people_read_them() {
    let mut stage = Stage::new(Settings::default());
    let (stream, heard) = (1 << 40, 0);
    let version = Text::from("\u{e9}".repeat(100_000));
    stage.inject(&Packet::Greeting(Greeting { protocol: PROTOCOL, version, stream, heard, stood: true }));
    let numbers = stage.puppet.with(|(_, sent)| {
        let greetings = sent.iter().filter_map(|(_, packet)| match Packet::decode(packet) {
            Ok(Packet::Greeting(greeting)) => Some(Numbers { from: stream, to: greeting.stream }),
            _ => None,
        });
        greetings.last()
    });
    let numbers = numbers.unwrap_or_else(|| panic!("no greeting"));
    stage.inject(&Packet::Frames { numbers, first: 1, taken: 0, frames: vec![].into() });
    let shown = stage.sim.dump().to_string();
    assert!(shown.contains(&format!("Member(\"b\", \"{}\")", "\u{e9}".repeat(128))), "{shown}");
    stage.inject(&Packet::Refusal("no".repeat(100_000).into()));
    assert_eq!(stage.warnings(), [format!("no link to b: {}", "no".repeat(128))]);
}

#[test]
fn c11_the_word_of_one_peer_does_not_end_a_machine_that_others_know() {
    let mut stage = Stage::new(Settings::default());
    let mut other = Link::new(Settings::default(), "1".into(), 0);
    other.up(Duration::ZERO);
    stage.another = Some(other);
    stage.carry();
    assert_eq!(stage.members(), 3);
    stage.inject(&Packet::Taken(MOST));
    assert_eq!((stage.members(), stage.sim.exits().len()), (2, 0), "that peer is lost, and nobody else");
    assert_eq!(stage.warnings(), ["b says that another machine has the name of this one"]);
    // All of them say so.
    stage.say(EngineEvent::From("c".into(), 8, Packet::Taken(MOST).encode()));
    let exits = stage.sim.exits();
    assert_eq!(exits[0].reason.to_string(), Reason::from(Lost::NameTaken).to_string());
}

#[test]
fn c10_machines_that_cannot_be_reached_are_forgotten_when_there_are_many() {
    let mut stage = Stage::new(Settings::default());
    for n in 0..3000u64 {
        let name = Text::from(format!("n{n}"));
        let greeting = Greeting { protocol: PROTOCOL, version: "".into(), stream: 1, heard: 0, stood: false };
        let greeting = Packet::Greeting(greeting).encode();
        stage.puppet.with(|(events, _)| {
            events.push_back(EngineEvent::From(name.clone(), n, greeting));
            events.push_back(EngineEvent::Down(name.clone(), n));
            // Others take the name of this machine.
            events.push_back(EngineEvent::Up("a".into(), n + 5000));
        });
    }
    stage.sim.run();
    let greeted = stage.puppet.with(|(_, sent)| {
        let rivals = sent.iter().map(|(epoch, _)| *epoch).filter(|epoch| *epoch > 3000);
        rivals.collect::<std::collections::BTreeSet<_>>().len()
    });
    assert_eq!(greeted, 100, "rivals are known so far");
    let pid = stage.sim.dump().processes[1].pid;
    let seen = stage.sim.peek(&[], pid).unwrap_or_else(|| panic!("{pid}"));
    let state = seen.downcast_ref::<ClusterState>().unwrap_or_else(|| panic!("{seen:?}"));
    assert!(state.peers.len() <= 1001, "{}", state.peers.len());
    assert_eq!(stage.members(), 2, "b is there still");
    let mut stage = stage;
    stage.sim.spawn(spawn!(transition_no_state!(measure())));
    stage.sim.run();
    assert_eq!(stage.sim.messages_of::<ClusterMetrics>()[0].peers, 1);
}

#[test]
fn c11_one_machine_of_a_name_is_greeted_until_it_is_not_heard_or_a_better_one_is() {
    let mut stage = Stage::new(Settings::default());
    let come = |stage: &mut Stage, epoch: u64, stood: bool| {
        let greeting = Greeting { protocol: PROTOCOL, version: "".into(), stream: 1, heard: 0, stood };
        stage.say(EngineEvent::From("z".into(), epoch, Packet::Greeting(greeting).encode()));
    };
    let greeted = |stage: &Stage, epoch: u64| {
        stage.puppet.with(|(_, sent)| sent.extract_if(.., |(to, _)| *to == epoch).count() > 0)
    };
    [50, 30].iter().for_each(|epoch| come(&mut stage, *epoch, false));
    stage.say(EngineEvent::Up("z".into(), 60));
    assert!(greeted(&stage, 50) && !greeted(&stage, 30) && !greeted(&stage, 60));
    come(&mut stage, 60, false);
    assert!(greeted(&stage, 60), "its epoch is greater");
    come(&mut stage, 50, false);
    assert!(!greeted(&stage, 50));
    stage.say(EngineEvent::Down("z".into(), 60));
    assert!(greeted(&stage, 50));
    // One that has been part of the cluster comes before one that has not.
    come(&mut stage, 40, true);
    assert!(greeted(&stage, 40));
    come(&mut stage, 70, false);
    assert!(!greeted(&stage, 70));
    // Nothing comes of it for a lease.
    stage.pass(Duration::from_secs(6));
    come(&mut stage, 70, false);
    assert!(greeted(&stage, 70));
}

#[test]
fn c10_a_link_that_is_held_is_not_begun_anew_by_a_new_way() {
    let mut stage = Stage::new(Settings::default());
    stage.peer.push(&Frame::withdraw(0, 1, &Reason::Normal));
    stage.carry();
    assert_eq!(stage.members(), 1);
    for _ in 0..3 {
        stage.say(EngineEvent::Down("b".into(), 7));
        stage.say(EngineEvent::Up("b".into(), 7));
        stage.pass(Duration::from_millis(100));
        assert_eq!(stage.members(), 1);
    }
    stage.pass(Duration::from_secs(1));
    stage.pass(Duration::from_secs(1));
    assert_eq!(stage.members(), 2);
}

impl Stage {
    /// The peer begins a new stream, takes the answer, and says this in it. Gives how many pictures
    /// it gets.
    fn begins_anew(&mut self, stream: u64, epoch: u64, says: Bytes) -> usize {
        let greeting = Greeting { protocol: PROTOCOL, version: "".into(), stream, heard: 0, stood: true };
        let from = |packet: Packet| EngineEvent::From("b".into(), epoch, packet.encode());
        self.say(from(Packet::Greeting(greeting)));
        let said = self.puppet.with(|(_, sent)| std::mem::take(sent));
        let said: Vec<_> = said.iter().filter_map(|(_, packet)| Packet::decode(packet).ok()).collect();
        let ours = said.iter().rev().find_map(|packet| match packet {
            Packet::Greeting(greeting) => Some(greeting.stream),
            _ => None,
        });
        if let Some(to) = ours {
            let numbers = Numbers { from: stream, to };
            self.say(from(Packet::Frames { numbers, first: 1, taken: 0, frames: vec![].into() }));
        }
        let said = self.puppet.with(|(_, sent)| std::mem::take(sent));
        if let Some(to) = ours.filter(|_| !says.is_empty()) {
            let numbers = Numbers { from: stream, to };
            self.say(from(Packet::Frames { numbers, first: 1, taken: 0, frames: vec![says].into() }));
        }
        let pictures = said.iter().filter(|(_, packet)| match Packet::decode(packet) {
            Ok(Packet::Frames { mut frames, .. }) => {
                std::iter::from_fn(|| frames.next(&mut Room::default()).ok()?)
                    .any(|(frame, _)| frame == Frame::Picture)
            }
            _ => false,
        });
        pictures.count()
    }
}

#[test]
fn c10_a_peer_that_begins_anew_without_end_gets_pictures_at_a_bounded_rate() {
    /// Does what comes before a stream of this number, and gives the epoch.
    type Before = fn(&mut Stage, u64) -> u64;
    let same: Before = |_, _| 7;
    let dials: Before = |stage, _| {
        stage.say(EngineEvent::Down("b".into(), 7));
        stage.say(EngineEvent::Up("b".into(), 7));
        7
    };
    let restarts: Before = |stage, n| {
        stage.say(EngineEvent::Down("b".into(), 6 + n));
        stage.say(EngineEvent::Up("b".into(), 7 + n));
        7 + n
    };
    let leave = Frame::leave(0, &Reason::Normal);
    let ways = [
        (same, Bytes::new()),
        (dials, Bytes::new()),
        (restarts, Bytes::new()),
        (dials, leave.clone()),
        (restarts, leave),
    ];
    for (before, says) in ways {
        let mut stage = Stage::new(Settings::default());
        let mut n = 0;
        let mut again = |stage: &mut Stage| {
            n += 1;
            let epoch = before(stage, n);
            stage.begins_anew((1 << 40) + n, epoch, says.clone())
        };
        let at_once: usize = (0..500).map(|_| again(&mut stage)).sum();
        assert!((10..=17).contains(&at_once), "{at_once}");
        // Then it gets one in a lease.
        let mut later = 0;
        for _ in 0..60 {
            stage.sim.advance(Duration::from_secs(1));
            later += (0..20).map(|_| again(&mut stage)).sum::<usize>();
        }
        assert!((8..=15).contains(&later), "{later}");
        assert!(stage.sim.exits().is_empty());
    }
}
