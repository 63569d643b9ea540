//! The warning that a topic of the program is not shared (C11).
//!
//! The gateway sees only what is shared. So it looks around: it has two endpoints that look for
//! everything, until the host gives it a tick, which is when nothing else is to be done. It looks
//! first when the program begins, and then ever more seldom, until it has warned. A look costs a
//! turn for each endpoint.

use std::collections::BTreeSet;
use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Event, Outcome, Turn, one_line};

use crate::gateway::Gateway;
use crate::wire::label_of;

/// The labels of what programs and their gateway say to each other, and of ground events.
const LOCAL: [&str; 6] = ["Ground", "LeaveCluster", "MeasureCluster", "Member", "ClusterMetrics", "Warning"];
/// How long it is from the first look to the second. Then it is twice as long, and so on.
const FIRST: Duration = Duration::from_secs(1);
/// How often the gateway looks.
const LOOKS: u32 = 9;
/// How many topics of neighbours are known.
const KNOWN: usize = 1000;

/// The looks of a gateway.
#[derive(Default)]
pub(super) struct Looks {
    /// The labels that were in the network before the program.
    before: BTreeSet<Text>,
    /// The program has begun.
    begun: bool,
    looking: bool,
    /// How many looks there were, and when the next one is.
    count: u32,
    next: Option<Duration>,
}

impl Looks {
    /// When there is something to do.
    pub(super) fn due(&self, now: Duration) -> Option<Duration> {
        if self.looking && self.begun { Some(now) } else { self.next }
    }
}

impl Gateway {
    /// Begins to look around.
    pub(super) fn look_around(&mut self) -> ActionTree<Self> {
        self.looks.looking = true;
        self.looks.next = None;
        [Orientation::Subscriber, Orientation::Publisher].into_iter().map(eye).collect()
    }

    /// The program begins.
    pub(super) fn neighbours_are_known(&mut self) {
        self.looks.begun = true;
    }

    /// Ends a look, or begins the next one, if it is time.
    pub(super) fn go_on_looking(&mut self) -> ActionTree<Self> {
        if self.looks.looking && self.looks.begun {
            self.looks.looking = false;
            self.looks.count += 1;
            let again = self.looks.count < LOOKS && !self.warnings.knows(CAUSE);
            self.looks.next = again.then(|| self.now + FIRST * (1 << (self.looks.count - 1)));
            return names().into_iter().map(delete_endpoint).collect();
        }
        match self.looks.next {
            Some(next) if next <= self.now => self.look_around(),
            _ => ActionTree::new(),
        }
    }

    /// The program ends. If nothing of it was ever shared, it may have been in another network.
    pub(super) fn tell_if_nothing_was_shared(&mut self, end: &Reason) -> ActionTree<Self> {
        if self.own.has_had_any() || self.warnings.knows(CAUSE) || *end != Reason::Normal {
            return ActionTree::new();
        }
        let shared = self.policy.to_string();
        self.warnings.once("nothing shared", || {
            format!(
                "the program has ended, and nothing in this network was ever of what the config shares ({shared}): \
                 endpoints in a nested VM are in a network of their own"
            )
        })
    }

    /// Somebody is there, whoever it is.
    fn see_anybody(event: &Event<'_>, turn: &mut Turn<'_, Self>) -> Outcome<Self> {
        if !event.is_presence() {
            return turn.act(());
        }
        let topic = event.role().topic;
        let actions = turn.state_mut().note(&topic);
        turn.act(actions)
    }

    fn note(&mut self, topic: &Topic) -> ActionTree<Self> {
        if !self.policy.cut(topic).is_empty() {
            return ActionTree::new();
        }
        let about = match label_of(topic) {
            Some((label, _)) if label.driver().is_some() || LOCAL.contains(&label.as_str()) => {
                return ActionTree::new();
            }
            Some((label, _)) => label.as_str().into(),
            None => Text::from(one_line(topic).to_string()),
        };
        if !self.looks.begun {
            if self.looks.before.len() < KNOWN {
                self.looks.before.insert(about);
            }
            return ActionTree::new();
        }
        if self.looks.before.contains(&about) {
            return ActionTree::new();
        }
        let (topic, shared) = (one_line(topic), self.policy.to_string());
        let text = || format!("{topic} meets only what is on this machine: the config shares {shared}");
        self.warnings.once(CAUSE, text)
    }
}

const CAUSE: &str = "not shared";

fn names() -> [Value; 2] {
    [Symbol::new("all subscribers").into(), Symbol::new("all publishers").into()]
}

/// An endpoint that sees all of one side.
fn eye(side: Orientation) -> AddEndpoint<Gateway> {
    let role = Role::new(side, Topic::any(), InterestType::Everything);
    let eye = AddEndpoint::new(role, Gateway::see_anybody).without_messages().heeding(true, false, false);
    let [subscribers, publishers] = names();
    name_endpoint(if side == Orientation::Publisher { subscribers } else { publishers }, eye)
}
