//! C1: a gateway on a runtime, over an engine that a program brings.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use marketplace::ground;
use marketplace::prelude::*;
use marketplace_cluster::{self as cluster, Config, Engine, EngineEvent, Lost, Sending};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::stage::*;

type Vm = (Text, u64);

/// Where the engines of one test meet.
#[derive(Clone, Default)]
struct Exchange(Arc<Mutex<BTreeMap<Vm, UnboundedSender<EngineEvent>>>>);

impl Exchange {
    fn with<R>(&self, work: impl FnOnce(&mut BTreeMap<Vm, UnboundedSender<EngineEvent>>) -> R) -> R {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn engine(&self) -> Channel {
        let (to_me, events) = unbounded_channel();
        Channel { exchange: self.clone(), to_me, events, vm: None, was_full: false, silent: false }
    }
}

/// An engine that has no room for a packet when it is asked first.
struct Channel {
    exchange: Exchange,
    to_me: UnboundedSender<EngineEvent>,
    events: UnboundedReceiver<EngineEvent>,
    vm: Option<Vm>,
    was_full: bool,
    /// It ends without a word.
    silent: bool,
}

impl Engine for Channel {
    fn open(&mut self, name: &Text, epoch: u64) {
        let vm = (name.clone(), epoch);
        self.exchange.with(|others| {
            for (other, to_other) in others.iter() {
                let _ = self.to_me.send(EngineEvent::Up(other.0.clone(), other.1));
                let _ = to_other.send(EngineEvent::Up(vm.0.clone(), vm.1));
            }
            others.insert(vm.clone(), self.to_me.clone());
        });
        self.vm = Some(vm);
    }

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        self.was_full = !self.was_full;
        if self.was_full {
            let _ = self.to_me.send(EngineEvent::Ready(to.clone(), epoch));
            return Sending::Full;
        }
        if let Some((name, own)) = &self.vm {
            let event = EngineEvent::From(name.clone(), *own, packet.clone());
            self.exchange.with(|others| others.get(&(to.clone(), epoch)).map(|other| other.send(event)));
        }
        Sending::Taken
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent> {
        match ready!(self.events.poll_recv(cx)) {
            Some(event) => Poll::Ready(event),
            None => Poll::Pending,
        }
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<()> {
        let Some(vm) = self.vm.take() else { return Poll::Ready(()) };
        self.exchange.with(|others| {
            others.remove(&vm);
            if !self.silent {
                others.values().for_each(|other| {
                    let _ = other.send(EngineEvent::Down(vm.0.clone(), vm.1));
                });
            }
        });
        Poll::Ready(())
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a program as a machine of a cluster, to its end.
async fn run(config: Config, program: Spawn<cluster::Gateway>) {
    let boot = move |_| transition_no_state!(cluster::join(shares_x(config), program));
    let ended = ground::run(boot, std::future::pending()).await;
    assert!(ended.is_ok(), "{ended:?}");
}

#[test]
fn c1_two_machines_on_a_runtime_meet_talk_and_leave() {
    let (exchange, log) = (Exchange::default(), Log::default());
    let asks = log.doing("a", subscriber("x(_)"), |heard| {
        matches!(heard, marketplace::Heard::Message(..)).then(cluster::leave)
    });
    let answers = log.doing("b", publisher("x(_)"), |heard| match heard {
        marketplace::Heard::Presence(_) => send_message(&value("x(7)")).into(),
        marketplace::Heard::Absence(..) => ActionTree::from(cluster::leave()),
        _ => ActionTree::new(),
    });
    runtime().block_on(async {
        let a = run(Config::new("a", exchange.engine()), process(asks));
        let b = run(Config::new("b", exchange.engine()), process(answers));
        tokio::join!(a, b);
    });
    let mut heard = log.take();
    heard.retain(|line| !line.contains("vacancy"));
    let told = |label: &str| heard.iter().filter(|line| line.starts_with(label)).cloned().collect::<Vec<_>>();
    assert_eq!(told("a")[..2], ["a: presence of publisher x(_)", "a: message x(7)"]);
    assert_eq!(told("b"), ["b: presence of subscriber x(_)", "b: absence of subscriber x(_) (normal)"]);
}

#[test]
fn c7_the_clock_of_a_gateway_on_a_runtime_tells_silence() {
    let (exchange, log) = (Exchange::default(), Log::default());
    let watches = log.doing("a", subscriber("x(_)"), |heard| {
        matches!(heard, marketplace::Heard::Absence(..)).then(cluster::leave)
    });
    let mut silent_engine = exchange.engine();
    silent_engine.silent = true;
    runtime().block_on(async {
        let a = run(Config::new("a", exchange.engine()), process(watches));
        let b = run(Config::new("b", silent_engine), process(silent(publisher("x(1)"))));
        // It ends after a minute, and its engine says nothing of it.
        let b = tokio::time::timeout(Duration::from_secs(60), b);
        let ((), ended) = tokio::join!(a, b);
        assert!(ended.is_err(), "it was ended");
    });
    let lost = Reason::from(Lost::Unreachable);
    let mut heard = log.take();
    heard.retain(|line| !line.contains("vacancy"));
    let told =
        ["a: presence of publisher x(1)".to_string(), format!("a: absence of publisher x(1) ({lost})")];
    assert_eq!(heard[..2], told);
}
