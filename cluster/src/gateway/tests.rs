//! A gateway in a sim, and a peer that says whatever it likes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{GroundVm, Opaque, Output, Performed, Source, View, What};

use crate::config::Config;
use crate::engine::{Engine, EngineEvent, Sending};
use crate::gateway::{Member, Warning, join};
use crate::half::{Ask, Happened, Item};
use crate::link::{Link, News};
use crate::settings::Settings;
use crate::wire::{Frame, encode_role};

/// An engine whose events a test makes, and whose packets a test takes.
#[derive(Clone, Default)]
struct Puppet(Arc<Mutex<(VecDeque<EngineEvent>, Vec<Bytes>)>>);

impl Puppet {
    fn with<R>(&self, work: impl FnOnce(&mut (VecDeque<EngineEvent>, Vec<Bytes>)) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine for Puppet {
    fn open(&mut self, _: &Text, _: u64) {}

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        assert_eq!((&**to, epoch), ("b", 7));
        self.with(|(_, sent)| sent.push(packet.clone()));
        Sending::Taken
    }

    fn poll_event(&mut self, _: &mut Context<'_>) -> Poll<EngineEvent> {
        self.with(|(events, _)| events.pop_front().map_or(Poll::Pending, Poll::Ready))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn stand_in(&self) -> Option<Box<dyn Engine>> {
        Some(Box::new(self.clone()))
    }

    fn due(&self) -> Option<Duration> {
        self.with(|(events, _)| (!events.is_empty()).then_some(Duration::ZERO))
    }
}

/// A gateway that shares `x(_)`, in a sim, and its peer.
struct Stage {
    sim: Sim,
    puppet: Puppet,
    peer: Link,
}

impl Stage {
    fn new(settings: Settings) -> Self {
        let puppet = Puppet::default();
        let share = topic("x(_)");
        let config = Config::with_epoch("a".into(), 1, Box::new(puppet.clone()));
        let config = config.share(share).settings(settings);
        let mut sim = Sim::new(move |_| transition_no_state!(join(config, nothing())));
        sim.run();
        let mut stage = Self { sim, puppet, peer: Link::new(Settings::default(), "1".into(), 0) };
        stage.peer.up(Duration::ZERO);
        stage.carry();
        assert!(stage.peer.stands());
        stage
    }

    /// Carries packets until there are none. Gives the news of the peer.
    fn carry(&mut self) -> Vec<News> {
        loop {
            let (now, peer) = (self.sim.now(), &mut self.peer);
            let said: Vec<_> = std::iter::from_fn(|| peer.poll_packet()).collect();
            let heard = self.puppet.with(|(events, sent)| {
                events.extend(said.iter().map(|packet| EngineEvent::From("b".into(), 7, packet.clone())));
                std::mem::take(sent)
            });
            heard.iter().for_each(|packet| self.peer.hear(now, packet));
            if said.is_empty() && heard.is_empty() {
                return std::iter::from_fn(|| self.peer.poll_news()).collect();
            }
            self.sim.run();
        }
    }

    fn pass(&mut self, time: Duration) {
        self.sim.advance(time);
        self.peer.tick(self.sim.now());
        self.carry();
    }

    fn members(&mut self) -> usize {
        let dump = self.sim.dump();
        let endpoints = dump.processes.iter().flat_map(|process| &process.endpoints);
        endpoints.filter(|endpoint| endpoint.role.topic.to_string().starts_with("Member")).count()
    }
}

/// A program that stays.
fn nothing<S>() -> Spawn<S> {
    spawn!(transition_no_state!(subscriber!("nothing")))
}

fn topic(text: &str) -> Topic {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn role(text: &str) -> Bytes {
    encode_role(&Role::publisher(topic(text))).unwrap_or_default()
}

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
        frames.iter().for_each(|frame| stage.peer.push(frame.clone()));
        // Nothing of what follows is taken.
        stage.peer.push(
            Frame::message(0, Orientation::Publisher, &Value::record("x", [9.into()])).unwrap_or_default(),
        );
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
fn c18_a_member_has_the_version_that_it_says() {
    let mut stage = Stage::new(Settings::default());
    let shown = stage.sim.dump().to_string();
    let member = Member { name: "b".into(), version: "1".into() }.to_value().to_string();
    assert!(shown.contains(&member), "{shown}");
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
                5 => Frame::message(0, Orientation::Subscriber, &Value::record("x", [1.into()]))
                    .unwrap_or_default(),
                6 => Frame::refuse(0, &topic(roles[below(5)]), &Value::UNIT).unwrap_or_default(),
                _ => Frame::picture(),
            };
            stage.peer.push(frame);
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
        // The eyes, the member, the ear for `leave`, the relay's, and the program's.
        assert_eq!(stage.sim.stats().endpoints, 6, "{}", stage.sim.dump());
    }
}

/// A gateway in a VM that a test turns over: items may come while the VM is busy.
struct Busy {
    vm: GroundVm,
    source: Option<Source>,
    peer: Link,
}

impl Busy {
    fn new() -> Self {
        let config = Config::with_epoch("a".into(), 1, Box::new(Puppet::default())).share(topic("x(_)"));
        let vm = GroundVm::new(move |_| transition_no_state!(join(config, nothing())));
        let mut busy = Self { vm, source: None, peer: Link::new(Settings::default(), "1".into(), 0) };
        busy.run();
        busy.give(Happened::Opened);
        busy.run();
        busy.peer.up(Duration::ZERO);
        busy
    }

    fn run(&mut self) {
        while self.vm.run(usize::MAX) {}
        while let Some(output) = self.vm.poll() {
            match output {
                Output::Start(source, _) => self.source = Some(source),
                Output::Feedback(_, asked) => {
                    let View::Opaque(asked) = asked.view() else { panic!("{asked}") };
                    if let Some(Ask::Send(_, _, packet)) = asked.downcast_ref() {
                        self.peer.hear(Duration::ZERO, packet);
                    }
                }
                _ => {}
            }
        }
    }

    fn give(&mut self, what: Happened) {
        let source = self.source.clone().unwrap_or_else(|| panic!("the source is on"));
        self.vm.item(&source, Opaque::new(Item { now: Duration::ZERO, what }).into());
    }

    /// Gives the gateway what the peer says.
    fn hear(&mut self) {
        while let Some(packet) = self.peer.poll_packet() {
            self.give(Happened::Event(EngineEvent::From("b".into(), 7, packet)));
        }
    }
}

#[test]
fn c5_a_link_that_stands_in_the_middle_of_things_tells_each_of_them_once() {
    let silent = |role: Role| AddEndpoint::new(role, |_, turn| turn.act(()));
    for steps in 0..40 {
        let mut busy = Busy::new();
        busy.hear();
        busy.run();
        // The greeting that makes the link stand comes after so many steps.
        busy.vm.spawn(spawn!(transition_no_state!(
            silent(Role::publisher(topic("x(1)"))),
            name_endpoint("it", silent(Role::publisher(topic("x(2)")))),
            name_endpoint("it", silent(Role::publisher(topic("x(3)")))),
            delete_endpoint("it"),
            silent(Role::publisher(topic("x(4)"))),
        )));
        busy.vm.run(steps);
        busy.hear();
        while busy.peer.poll_news().is_some() {}
        busy.run();
        let mut there = std::collections::BTreeMap::new();
        while let Some(news) = busy.peer.poll_news() {
            match news {
                News::Stands(_) | News::Frame(Frame::Picture) => {}
                News::Frame(Frame::Announce(id, role)) => {
                    assert_eq!(there.insert(id, role), None, "after {steps} steps");
                }
                News::Frame(Frame::Change(id, role)) => {
                    assert!(there.insert(id, role).is_some(), "after {steps} steps");
                }
                News::Frame(Frame::Withdraw(id, _)) => {
                    assert!(there.remove(&id).is_some(), "after {steps} steps");
                }
                news => panic!("{news:?} after {steps} steps"),
            }
        }
        let there: Vec<_> = there.into_values().map(|role| role.topic.to_string()).collect();
        assert_eq!(there, ["x(1)", "x(4)"], "after {steps} steps");
    }
}

#[test]
fn c11_a_peer_says_nothing_here_that_is_not_shared() {
    let mut stage = Stage::new(Settings::default());
    let shared = |text: &str| Frame::message(0, Orientation::Publisher, &value(text)).unwrap_or_default();
    for frame in [shared("y(1)"), shared("x(1, 2)"), shared("Leave(7)"), shared("x(1)")] {
        stage.peer.push(frame);
    }
    stage.peer.push(Frame::refuse(0, &Topic::any(), &Value::UNIT).unwrap_or_default());
    stage.carry();
    assert_eq!(stage.sim.messages(), [value("x(1)")]);
    let refused = stage.sim.trace().records().iter().filter_map(|record| match &record.what {
        What::Performed { action: Performed::Refuse(topic, _), .. } => Some(topic.to_string()),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), ["x(_)"]);
}

fn value(text: &str) -> Value {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
