//! Finding out: one process for each question that anybody wants answered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use marketplace::prelude::*;
use marketplace_drivers::demand::Demand;
use marketplace_drivers::timer;
use marketplace_drivers::udp::{UdpAddress, UdpFeedback, UdpPacket};

use super::memory::memory;
use super::message::{Known, name_of, numbered, random_id};

/// A question, and its answer. A process that wants the answer to a question subscribes to it.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Answer(pub(crate) Bytes, pub(crate) Bytes);

/// The answer to this question is good. Its resolver subscribes to this, and so stays.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct Good(pub(crate) Bytes);

pub(crate) struct Config {
    pub(crate) upstreams: Vec<UdpAddress>,
    /// How long the first upstream has to answer; each next one twice as long.
    pub(crate) retry: Duration,
    /// How many answers are remembered. (Of questions that wait for an answer there are no more
    /// than clients that do.)
    pub(crate) remember: usize,
    pub(crate) verbose: bool,
}

impl Config {
    pub(crate) fn say(&self, what: impl fmt::Display) {
        if self.verbose {
            println!("{what}");
        }
    }
}

/// The endpoints of the try of this number.
#[derive(Message, Clone, Debug, PartialEq)]
enum Try {
    Hear(u64),
    Ask(u64),
}

/// A resolver for each question, while somebody wants the answer or the answer is good.
pub(crate) fn resolvers(config: Arc<Config>) -> Transition<Demand<Bytes>> {
    let most = config.remember;
    transition!(
        Demand::new(move |question: &Bytes| {
            let (question, config) = (question.clone(), config.clone());
            spawn!(resolver(question, config))
        }),
        observe_subscribers!(
            Answer(_, _),
            match_conversation!(Answer(question, _) => match_state!(demand: Demand<Bytes> =>
                on_presence!(demand.wanted(question)),
                on_absence!(demand.unwanted(&question)))),
        ),
        observe_subscribers!(
            Good(_),
            match_conversation!(Good(question) => match_state!(demand: Demand<Bytes> =>
                on_presence!(demand.wanted(question)),
                on_absence!(demand.unwanted(&question)))),
        ),
        spawn!(memory(most)),
    )
}

pub(crate) struct Resolver {
    config: Arc<Config>,
    pub(crate) question: Bytes,
    /// Its socket: a port of its own, while it asks.
    socket: UdpAddress,
    pub(crate) tries: u64,
    /// Of the query that waits for an answer.
    pub(crate) id: u16,
    /// An answer that came and is cut off, while the whole one is asked for.
    pub(crate) cut: Option<Known>,
    pub(crate) heard: BytesMut,
    known: Option<Known>,
    /// When that became known, by the timer driver's clock.
    since: Option<Duration>,
}

fn resolver(question: Bytes, config: Arc<Config>) -> Transition<Resolver> {
    let socket = UdpAddress::Handle(Fresh::new().to_value());
    let supply = publisher!(
        Answer(question, _),
        match_state!(resolver: &Resolver => on_presence!(resolver.known.is_some().then(|| {
            resolver.config.say(format_args!("cache hit: {}", name_of(&resolver.question)));
            clock()
        }))),
    );
    let resolver = Resolver {
        config,
        question,
        socket,
        tries: 0,
        id: 0,
        cut: None,
        heard: BytesMut::new(),
        known: None,
        since: None,
    };
    let asking = resolver.ask();
    Transition::new(asking.state, (supply, asking.actions))
}

impl Resolver {
    /// Asks the next upstream, under a new id: whatever the last one still says is ignored. Each is
    /// asked twice before it gives up.
    fn ask(mut self) -> Transition<Self> {
        let (upstreams, name) = (self.config.upstreams.len() as u64, name_of(&self.question));
        if self.tries == 2 * upstreams {
            self.config.say(format_args!("gave up: {name}"));
            return self.learn(Known::failure());
        }
        let what = if self.tries == 0 { "asked" } else { "retry: asked" };
        self.tries += 1;
        let (us, upstream, patience) = (self.socket.clone(), self.upstream(), self.patience());
        self.config.say(format_args!("{what} {upstream}: {name}"));
        self.id = random_id();
        let query = numbered(&self.question, self.id);
        let asking = publisher!(
            UdpPacket(us, upstream, _),
            on_presence!(send_message!(UdpPacket(us, upstream, query))),
            match_state!(resolver: Self => on_message!(UdpFeedback(..) => resolver.ask())),
        );
        let hearing = subscriber!(
            UdpPacket(upstream, us, _),
            match_state!(resolver: Self => on_message!(UdpPacket(_, _, bytes) => resolver.on_packet(&bytes))),
        );
        let (now, before) = (self.tries, self.tries - 1);
        transition!(
            self,
            name_endpoint(Try::Hear(now), hearing),
            name_endpoint(Try::Ask(now), asking),
            name_endpoint("wait", timer::after(patience, Self::ask)),
            stop(before),
        )
    }

    /// The one that is asked.
    pub(crate) fn upstream(&self) -> UdpAddress {
        let upstreams = &self.config.upstreams;
        upstreams[(self.tries - 1) as usize % upstreams.len()].clone()
    }

    /// How long that one has to answer.
    pub(crate) fn patience(&self) -> Duration {
        self.config.retry.saturating_mul(1 << (self.tries - 1).min(6))
    }

    pub(crate) fn say_answered(&self) {
        self.config.say(format_args!("answered: {}", name_of(&self.question)));
    }

    /// Only what the upstream says that was asked comes here. It may still be forged, late or
    /// nonsense.
    fn on_packet(self, bytes: &[u8]) -> Transition<Self> {
        match Known::read(bytes, self.id, &self.question) {
            Some(known) => {
                self.say_answered();
                if known.is_cut() { self.ask_whole(known) } else { self.learn(known) }
            }
            None => transition!(self),
        }
    }

    pub(crate) fn learn(mut self, known: Known) -> Transition<Self> {
        self.known = Some(known);
        // Its own endpoints hear the absence of their peers as they go.
        self.cut = None;
        let tries = self.tries;
        let stop_whole = ["hear whole", "ask whole"].map(delete_endpoint);
        transition!(self, stop(tries), stop_whole, delete_endpoint("wait"), clock())
    }

    /// Tells all who are there what is known, its TTLs counted down; the first time, it is good
    /// from now on.
    fn on_time(mut self, now: Duration) -> Transition<Self> {
        let Some(known) = &self.known else { return transition!(self) };
        let keep = (self.since.is_none() && known.ttl > 0).then(|| keep(&self.question, known.ttl));
        let since = *self.since.get_or_insert(now);
        let answer = Answer(self.question.clone(), known.after(now.saturating_sub(since).as_secs()));
        transition!(self, keep, send_message!(answer))
    }
}

pub(crate) fn stop(number: u64) -> [PreAction<Resolver>; 2] {
    [Try::Ask(number), Try::Hear(number)].map(|name| delete_endpoint(&name))
}

/// Asks what time it is.
fn clock() -> AddEndpoint<Resolver> {
    timer::at(Duration::ZERO, Resolver::on_time)
}

/// The resolver wants itself, for so many seconds, or until others need the room.
fn keep(question: &Bytes, ttl: u32) -> ActionTree<Resolver> {
    actions![
        name_endpoint("good", subscriber!(Good(question), on_refusal!(delete_endpoint("good")))),
        timer::after(Duration::from_secs(ttl.into()), || delete_endpoint("good")),
    ]
}
