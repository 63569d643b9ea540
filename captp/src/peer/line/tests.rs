//! The process of a session in a sim, with a peer of which every byte is scripted.

mod calls;
mod ends;
mod greetings;
mod hand_offs;
mod hostile;
mod idle;
mod order;
mod proofs;
mod releases;
mod resolvers;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::{Asked, Sim};
use marketplace::{Opaque, Source, View};

use crate::netlayer::{FromLine, Seed, ToLine};
use crate::peer::line::{After, SessionEnded, Start, line};
use crate::peer::settlers::Settlers;
use crate::peer::talk::{Greeting, Roster, Standing, Verdict};
use crate::session::Bounds;
use crate::syrup::Writer;
use crate::wire::{Hello, Keys, Location, Spelling};

const OURS: [u8; 32] = [1; 32];
const THEIRS: [u8; 32] = [2; 32];

/// The messages that a connection brings, second by second.
struct Script(Vec<(Duration, FromLine)>, Reason);

impl Script {
    /// A connection that stands.
    fn new() -> Self {
        let connected = FromLine::Connected(Seed(Bytes::from_static(&OURS)));
        Self(vec![(Duration::ZERO, connected)], Reason::Normal)
    }

    /// One whose peer says hello.
    fn greeted() -> Self {
        Self::new().says_bytes(0, hello(&THEIRS))
    }

    fn says_bytes(mut self, second: u64, message: Vec<u8>) -> Self {
        let message = FromLine::Heard(Spelling::Framed.framed(message).into());
        self.0.push((Duration::from_secs(second), message));
        self
    }

    fn says(self, second: u64, message: &str) -> Self {
        self.says_bytes(second, message.as_bytes().to_vec())
    }

    fn ends(mut self, second: u64) -> Self {
        self.0.push((Duration::from_secs(second), FromLine::Ended));
        self
    }

    /// The source ends, for this reason.
    fn fails(mut self, second: u64, why: &str) -> Self {
        self.0.push((Duration::from_secs(second), FromLine::Heard(Bytes::new())));
        self.1 = Reason::value(&Text::from(why));
        self
    }

    fn source(mut self) -> Source {
        if self.1 == Reason::Normal {
            self.0.push((Duration::from_secs(1_000_000), FromLine::Heard(Bytes::new())));
        }
        Sim::timeline(self.0, self.1)
    }

    /// Runs it, from the moment on at which the peer has connected.
    fn accepted(self) -> Talk {
        let mut talk = Talk::new();
        talk.connect(self, false, Spelling::Framed);
        talk
    }

    fn dialled(self) -> Talk {
        let mut talk = Talk::new();
        talk.connect(self, true, Spelling::Framed);
        talk
    }
}

fn location(designator: &str) -> Location {
    Location::new("memory", designator, &[("at", designator)])
}

fn hello(seed: &[u8; 32]) -> Vec<u8> {
    let mut writer = Writer::new();
    Hello::write(&location("peer"), &Keys::of_seed(seed), &mut writer);
    writer.into_bytes()
}

/// A sim with a hub, and the connections that it has.
struct Talk {
    sim: Sim,
    hub: Far<Hub>,
    notes: Notes,
    roster: Roster,
    sources: Vec<Source>,
    bounds: Bounds,
    held: usize,
    after: After,
}

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    lines: Vec<String>,
    standing: Vec<Standing>,
    homes: Vec<Value>,
}

impl Notes {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().lines.push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().lines)
    }
}

impl Talk {
    fn new() -> Self {
        let mut sim = Sim::new(|_| transition_no_state!());
        let notes = Notes::default();
        let hub = Hub { notes: notes.clone(), ends: None, withholds: false, gifts: None };
        let hub = sim.spawn_object(hub);
        let (roster, sources, bounds) = (Roster::default(), Vec::new(), Bounds::default());
        let after: After = Arc::new(|time| Sim::timeline([(time, Value::UNIT)], Reason::Normal));
        Self { sim, hub, notes, roster, sources, bounds, held: 1 << 20, after }
    }

    fn connect(&mut self, script: Script, dialled: bool, spelling: Spelling) {
        let source = script.source();
        self.sources.push(source.clone());
        self.sim.spawn(line(Start {
            source,
            dialled,
            location: location("us"),
            spelling,
            bounds: self.bounds,
            judge: cast(&self.hub),
            roster: self.roster.clone(),
            settlers: Settlers::default(),
            after: self.after.clone(),
            idle_for: Duration::from_secs(10),
            gift_for: Duration::from_secs(60),
            held: self.held,
            unheard: 1 << 20,
        }));
        self.sim.run();
    }

    fn until(&mut self, second: u64) {
        self.sim.advance(Duration::from_secs(second).saturating_sub(self.sim.now()));
    }

    /// All that was said on a connection, without what is around each message.
    fn all_said_on(&self, at: usize) -> Vec<String> {
        let said = self.sim.feedback(&self.sources[at]);
        said.iter()
            .map(|said| match ToLine::from_value(said).unwrap() {
                ToLine::Say(bytes) => unframed(&bytes),
                ToLine::Close => "close".to_string(),
            })
            .collect()
    }

    /// The messages that were said behind the hello.
    fn said(&self) -> Vec<String> {
        let said = self.all_said_on(0);
        assert!(said[0].starts_with("<16'op:start-session3\"1.0"), "{said:?}");
        said[1..].to_vec()
    }

    fn standing(&self, at: usize) -> Standing {
        self.notes.0.lock().unwrap().standing[at].clone()
    }

    /// Our export 0.
    fn home(&self) -> Value {
        self.notes.0.lock().unwrap().homes[0].clone()
    }

    fn bootstrap(&self) -> Reference {
        self.standing(0).bootstrap
    }

    /// Calls a method of the peer's bootstrap object.
    fn ask(&mut self, verb: &str, arguments: impl Message) -> Asked<Value> {
        let bootstrap = self.bootstrap();
        let asked = self.sim.ask(|cx| send(cx, &bootstrap, verb, arguments));
        self.sim.run();
        asked
    }

    /// Sends a message whose answer nobody wants.
    fn tell(&mut self, verb: &str, arguments: impl Message) {
        let bootstrap = self.bootstrap();
        self.sim.tell(|cx| {
            send(cx, &bootstrap, verb, arguments);
        });
        self.sim.run();
    }
}

fn unframed(bytes: &[u8]) -> String {
    let start = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap();
    assert_eq!(bytes[start], b':');
    let length: usize = str::from_utf8(&bytes[..start]).unwrap().parse().unwrap();
    assert_eq!(bytes.len(), start + 1 + length, "one message at a time");
    String::from_utf8_lossy(&bytes[start + 1..]).into_owned()
}

/// Why a session has ended, if that is the reason.
fn why_ended<T: Message>(asked: &Asked<T>) -> Option<Text> {
    let Some(Err(reason)) = asked.answer() else { return None };
    match Broken::of(&reason) {
        Some(Broken::Gone(reason)) => reason.decode().map(|SessionEnded { why }| why),
        _ => None,
    }
}

/// Stands for the hub: it lets sessions begin.
struct Hub {
    notes: Notes,
    ends: Option<Resolver<Text>>,
    /// It gives no verdict.
    withholds: bool,
    /// The resolvers of gifts, if a test settles them.
    gifts: Option<VecDeque<Resolver<Value>>>,
}

#[object]
impl Hub {
    fn withhold(&mut self) {
        self.withholds = true;
    }

    fn end(&mut self, cx: &Cx<Self>, why: Text) {
        let ends = self.ends.take().map(|ends| ends.fulfill(why));
        cx.act(ends);
    }

    fn greets(&mut self, _ours: Value) {
        self.notes.add("greets");
    }

    fn ends(&mut self) -> Promise<Text> {
        let (ends, resolver) = promise();
        self.ends = Some(resolver);
        ends
    }

    fn failed(&mut self, why: Reason) {
        self.notes.add(format!("failed: {why}"));
    }

    fn hello(&mut self, cx: &Cx<Self>, greeting: Value) -> Promise<Verdict> {
        let greeting: Greeting = opened(&greeting);
        self.notes.add(format!("hello of {}", greeting.hello.location.designator));
        if self.withholds {
            let (verdict, resolver) = promise();
            cx.act(when(&verdict, move |hub: Self, _| {
                let _ = &resolver;
                transition!(hub)
            }));
            return verdict;
        }
        let home = cx.spawn(Home { notes: self.notes.clone(), kept: Vec::new(), later: None });
        self.notes.0.lock().unwrap().homes.push(home.to_value());
        let bootstrap = Reference::from_value(&home.to_value()).unwrap();
        Promise::from(Verdict::Begin { bootstrap })
    }

    fn stands(&mut self, standing: Value) {
        self.notes.0.lock().unwrap().standing.push(opened(&standing));
    }

    fn given(&mut self, give: Bytes, keys: Value) -> Promise<Value> {
        let keys: Keys = opened(&keys);
        assert_eq!(keys.public(), Keys::of_seed(&OURS).public());
        self.notes.add(format!("given {} bytes", give.len()));
        let Some(gifts) = &mut self.gifts else { return Promise::from(Value::from("the gift")) };
        let (gift, resolver) = promise();
        gifts.push_back(resolver);
        gift
    }

    /// From now on a test settles what is given.
    fn hold_gifts(&mut self) {
        self.gifts = Some(VecDeque::new());
    }

    /// Settles the first.
    fn bring(&mut self, cx: &Cx<Self>, gift: Value) {
        let first = self.gifts.as_mut().and_then(VecDeque::pop_front);
        cx.act(first.map(|first| first.fulfill(gift)));
    }

    fn lose(&mut self, cx: &Cx<Self>, why: Text) {
        let first = self.gifts.as_mut().and_then(VecDeque::pop_front);
        cx.act(first.map(|first| first.break_because(Reason::value(&why))));
    }
}

fn opened<T: Clone + 'static>(value: &Value) -> T {
    let View::Opaque(opaque) = value.view() else { panic!("{value} is not opaque") };
    Opaque::downcast_ref::<T>(opaque).unwrap().clone()
}

/// Our export 0: it does what tests want.
struct Home {
    notes: Notes,
    kept: Vec<Value>,
    later: Option<Resolver<Value>>,
}

#[object]
impl Home {
    fn echo(&self, what: Value) -> Value {
        what
    }

    fn note(&self, what: Value) {
        self.notes.add(what.to_string());
    }

    fn keep(&mut self, what: Value) {
        self.kept.push(what);
    }

    fn forget(&mut self) {
        self.kept.clear();
    }

    /// Calls it, and wants to know the answer.
    fn greet(&self, cx: &Cx<Self>, whom: Promise<Value>) {
        let greeted = send(cx, &whom, "hello", ());
        drop(cx.when(greeted, |home, _, answer: Result<Value, Reason>| {
            home.notes.add(match answer {
                Ok(answer) => format!("answer {answer}"),
                Err(reason) => format!("no answer: {reason}"),
            });
        }));
    }

    fn ring(&self, cx: &Cx<Self>, whom: Promise<Value>) {
        send(cx, &whom, "ring", ());
    }

    fn later(&mut self) -> Promise<Value> {
        let (later, resolver) = promise();
        self.later = Some(resolver);
        later
    }

    fn settle(&mut self, cx: &Cx<Self>, with: Value) {
        let settled = self.later.take().map(|later| later.fulfill(with));
        cx.act(settled);
    }

    /// A promise, and what settles it.
    fn pair(&self) -> (Promise<Value>, Resolver<Value>) {
        promise()
    }

    fn never(&mut self, cx: &Cx<Self>) {
        self.later = None;
        cx.act(());
    }

    fn same(&self, one: Far<Self>, other: Far<Self>) -> bool {
        one == other
    }

    /// A new object, which does the same.
    fn another(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.make(Self { notes: self.notes.clone(), kept: Vec::new(), later: None })
    }

    fn fail(&self) -> Result<(), Failure> {
        Err(Failure::value(&Symbol::new("oh-no")))
    }
}
