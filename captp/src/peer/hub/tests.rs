//! The hub and the processes of its sessions, on a scripted netlayer.

mod connections;
mod hand_offs;
mod idle;
mod listener;
mod reach;
mod routes;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::sim::Sim;
use marketplace::{IntoReason, Source};

use crate::netlayer::{FromLine, FromListener, Netlayer, Reach, Seed, ToLine};
use crate::peer::{Options, Peer};
use crate::syrup::Writer;
use crate::wire::{Hello, Keys, Location};

const MS: Duration = Duration::from_millis(1);

/// Gives out the sources of a script, and notes who was dialled.
#[derive(Default)]
struct Script {
    listeners: Mutex<VecDeque<Source>>,
    dials: Mutex<VecDeque<Result<Source, String>>>,
    dialled: Mutex<Vec<String>>,
    /// How far each of them might lead.
    reaches: Mutex<Vec<Option<Reach>>>,
    seed: Mutex<Option<Source>>,
    proves: bool,
}

struct Scripted(Arc<Script>);

impl Netlayer for Scripted {
    fn transport(&self) -> &str {
        "memory"
    }

    fn designator(&self) -> &str {
        "us"
    }

    fn proves(&self) -> bool {
        self.0.proves
    }

    fn listen(&self) -> Source {
        self.0.listeners.lock().unwrap().pop_front().expect("it may listen so often")
    }

    fn dial(&self, location: &Location, reach: Option<Reach>) -> Result<Source, String> {
        self.0.reaches.lock().unwrap().push(reach);
        self.0.dialled.lock().unwrap().push(location.designator.clone());
        self.0.dials.lock().unwrap().pop_front().unwrap_or_else(|| Err("nobody is there".to_string()))
    }

    fn seed(&self) -> Source {
        let scripted = self.0.seed.lock().unwrap().take();
        scripted.unwrap_or_else(|| Sim::source([seed(0)]))
    }
}

struct Target;

#[object]
impl Target {
    fn ping(&self) -> u64 {
        7
    }
}

/// A hub under test.
struct Test {
    sim: Sim,
    peer: Far<dyn Peer>,
    script: Arc<Script>,
    target: Far<Target>,
}

impl Test {
    fn new() -> Self {
        Self::on(Script::default())
    }

    fn on(script: Script) -> Self {
        Self::with(script, Options::default())
    }

    fn with(script: Script, options: Options) -> Self {
        let script = Arc::new(script);
        let (spawn, peer) = options.peer(Scripted(script.clone()));
        let mut sim = Sim::new(|_| transition_no_state!());
        sim.spawn(spawn);
        let target = sim.spawn_object(Target);
        Self { sim, peer, script, target }
    }

    /// The next listener gives these items, each at its time in milliseconds, and stays.
    fn listener(&self, items: impl IntoIterator<Item = (u32, FromListener)>) -> Source {
        let source = lasting(items);
        self.script.listeners.lock().unwrap().push_back(source.clone());
        source
    }

    fn dial(&self, dial: Result<Source, String>) {
        self.script.dials.lock().unwrap().push_back(dial);
    }

    fn dialled(&self) -> Vec<String> {
        self.script.dialled.lock().unwrap().clone()
    }

    fn publish(&mut self) -> marketplace::sim::Asked<Text> {
        self.sim.ask(|cx| self.peer.publish(cx, &self.target))
    }

    fn enliven(&mut self, address: &str) -> marketplace::sim::Asked<Reference> {
        self.sim.ask(|cx| self.peer.enliven(cx, address))
    }

    /// The bytes that were said on a connection, and whether it was closed.
    fn said(&self, line: &Source) -> (String, bool) {
        let (mut said, mut closed) = (String::new(), false);
        for feedback in self.sim.feedback(line) {
            match ToLine::from_value(&feedback) {
                Some(ToLine::Say(bytes)) => said.push_str(&String::from_utf8_lossy(&bytes)),
                Some(ToLine::Close) => closed = true,
                None => panic!("{feedback:?}"),
            }
        }
        (said, closed)
    }

    fn is_aborted(&self, line: &Source) -> bool {
        let (said, closed) = self.said(line);
        closed && said.contains("op:abort")
    }

    /// Whether our hello was said, and no end.
    fn is_greeted(&self, line: &Source) -> bool {
        let (said, closed) = self.said(line);
        !closed && said.contains("op:start-session")
    }
}

/// A source that does not end for an hour.
fn lasting<M: Message>(items: impl IntoIterator<Item = (u32, M)>) -> Source {
    let items = items.into_iter().map(|(at, item)| (at * MS, item.to_value()));
    // An item that nobody hears keeps it from ending.
    let last = (Duration::from_secs(3600), Value::UNIT);
    Sim::timeline(items.chain([last]), Reason::Normal)
}

fn seed(number: u8) -> Seed {
    Seed(Bytes::from(vec![number; 32]))
}

/// The hello of a peer of this name, whose key is made of this number.
fn hello(name: &str, key: u8) -> FromLine {
    let mut writer = Writer::new();
    Hello::write(&Location::new("memory", name, &[]), &Keys::of_seed(&[key; 32]), &mut writer);
    FromLine::Heard(Options::default().spelling.framed(writer.into_bytes()).into())
}

fn accepted(line: &Source) -> FromListener {
    FromListener::Accepted { line: line.clone() }
}

fn listening() -> FromListener {
    FromListener::Listening { hints: vec![("port".to_string(), "1".to_string())] }
}

fn ends(after: u32, why: impl IntoReason) -> Source {
    Sim::timeline([(after * MS, Value::UNIT)], why)
}
