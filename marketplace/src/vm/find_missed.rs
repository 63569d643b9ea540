//! Finds kinds of messages of which none is heard. Only debug builds look for them.

use std::mem;
use std::sync::Arc;

use crate::conversation::pid::Pid;
use crate::conversation::role::Orientation;
use crate::conversation::topic::{Topic, TopicView};
use crate::data::hash::Set;
use crate::data::library::is_of_library;
use crate::data::near::is_near;
use crate::data::symbol::{Label, Symbol};
use crate::data::value::{Value, View};
use crate::network::owner::ProcessSlot;
use crate::process::action::EndpointSpec;
use crate::process::queue::HOST;
use crate::process::{Context, Level, Missed, Process, WhyMissed, short};
use crate::vm::Vm;

/// How many kinds of messages a VM remembers to have been heard. In one that has more, nothing is
/// missed.
pub(super) const MOST_KINDS: usize = 1_000;

/// How many parts of a message are looked at for opaque values. A small value may share so much
/// with itself that a walk over it has no end.
const MOST_PARTS: usize = 1_000;

/// Whether a message may live on until somebody is told of it: an opaque value is the program's,
/// which sees when it is dropped.
pub(super) fn can_be_kept(body: &Value) -> bool {
    let (mut waiting, mut left) = (vec![body], MOST_PARTS);
    while let Some(part) = waiting.pop() {
        if left == 0 {
            return false;
        }
        left -= 1;
        match part.view() {
            View::Opaque(_) => return false,
            View::Record(_, parts) | View::Sequence(parts) => waiting.extend(parts.iter().take(left + 1)),
            View::Set(items) => waiting.extend(items.iter().take(left + 1)),
            View::Map(entries) => {
                waiting.extend(entries.iter().take(left + 1).flat_map(|(key, value)| [key, value]));
            }
            _ => {}
        }
    }
    true
}

/// The messages of a program that go to the same listeners, as far as one sees that from outside.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Record(Symbol),
    /// A sequence by its first item, which is a text or a symbol.
    Sequence(Value),
    /// This text or symbol.
    Word(Value),
}

impl Kind {
    pub(super) fn of_message(body: &Value) -> Option<Self> {
        match body.view() {
            View::Record(label, _) => Some(Self::Record(label.clone())),
            View::Sequence([first, ..]) if is_word(first) => Some(Self::Sequence(first.clone())),
            _ if is_word(body) => Some(Self::Word(body.clone())),
            _ => None,
        }
    }

    fn of_topic(topic: &Topic) -> Option<Self> {
        match topic.view() {
            TopicView::Any => None,
            TopicView::Literal(value) => Self::of_message(value),
            TopicView::Record(label, _) => Some(Self::Record(label.clone())),
            TopicView::Sequence(places) => {
                let first = places.first()?.as_value()?;
                is_word(first).then(|| Self::Sequence(first.clone()))
            }
        }
    }

    /// The kind as it prints.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Record(label) => format!("{label}(..)"),
            Self::Sequence(first) => format!("[{first}, ..]"),
            Self::Word(word) => word.to_string(),
        }
    }

    /// The name of the kind.
    fn name(&self) -> &str {
        match self {
            Self::Record(label) => label.as_str(),
            Self::Sequence(word) | Self::Word(word) => match word.view() {
                View::Text(text) => text,
                View::Symbol(symbol) => symbol.as_str(),
                _ => "",
            },
        }
    }

    /// Whether one of the two may be misspelt, or be a text for a symbol.
    fn is_near(&self, other: &Self) -> bool {
        let (one, two) = (self.name(), other.name());
        mem::discriminant(self) == mem::discriminant(other)
            && (is_near(one, two) || one == two && self != other)
    }

    /// Whether nobody needs to be told if messages of this kind are not heard. The hint about
    /// drivers tells of those that are for one. The library's own notices are for those who want
    /// them.
    fn may_be_missed(&self) -> bool {
        let Self::Record(label) = self else { return false };
        let origin = label.label().and_then(Label::origin);
        label.driver().is_some() || origin.is_some_and(|origin| is_of_library(origin.path))
    }
}

fn is_word(value: &Value) -> bool {
    matches!(value.view(), View::Text(_) | View::Symbol(_))
}

/// The kinds of messages that were sent in a VM.
#[derive(Default)]
pub(super) struct Kinds {
    /// The kinds that were heard, and the missed ones of which the host was told.
    known: Set<(Orientation, Kind)>,
    /// The kinds that nobody has heard so far, in the order of the first message.
    missed: Vec<(Kind, Missed)>,
    /// There were more than [`MOST_KINDS`], so none is remembered.
    are_too_many: bool,
}

impl Kinds {
    fn position(&self, sender: Orientation, kind: &Kind) -> Option<usize> {
        self.missed.iter().position(|(missed, first)| first.sender == sender && missed == kind)
    }
}

impl Vm {
    /// A message was sent.
    pub(super) fn look_for_missed(
        &mut self,
        body: &Value,
        sender: Orientation,
        is_heard: bool,
        context: &mut Context,
    ) {
        if self.kinds.are_too_many {
            return;
        }
        if self.kinds.known.len() >= MOST_KINDS {
            self.kinds = Kinds { are_too_many: true, ..Kinds::default() };
            return;
        }
        let Some(kind) = Kind::of_message(body) else { return };
        let key = (sender, kind);
        if self.kinds.known.contains(&key) {
            return;
        }
        let (_, kind) = &key;
        let position = self.kinds.position(sender, kind);
        if is_heard {
            position.map(|at| self.kinds.missed.remove(at));
            self.kinds.known.insert(key);
        } else if position.is_none()
            && self.kinds.missed.len() < Missed::MOST
            && !kind.may_be_missed()
            && can_be_kept(body)
        {
            let who = self.sender();
            let why = self.nearest(sender.opposite(), kind);
            let missed = Missed { kind: short(&kind.shown()), message: body.seen(), sender, who, why };
            context.has_missed |= missed.why.is_known() && context.has_not_told(&missed.kind);
            context.has_kept |= !missed.why.is_known();
            self.kinds.missed.push((key.1, missed));
        }
    }

    /// The process whose action is performed, by names; `None`: it is the host's.
    pub(super) fn sender(&self) -> Option<String> {
        let (_, slot, _) = self.processes.queue.popped()?;
        (slot != HOST).then(|| self.processes.path_to(slot))
    }

    /// The first endpoint that listens to messages of this kind.
    fn nearest(&self, side: Orientation, kind: &Kind) -> WhyMissed {
        let hears = |topic: &Topic| Kind::of_topic(topic).as_ref() == Some(kind);
        match self.listener(side, hears) {
            Some((who, topic)) => WhyMissed::OtherTopic { who, topic: short(topic) },
            None => self.nearly(side, kind),
        }
    }

    /// The first endpoint that listens to messages of nearly this kind.
    fn nearly(&self, side: Orientation, kind: &Kind) -> WhyMissed {
        let hears = |topic: &Topic| Kind::of_topic(topic).is_some_and(|other| kind.is_near(&other));
        match self.listener(side, hears) {
            Some((who, topic)) => WhyMissed::OtherKind { who, topic: short(topic) },
            None => WhyMissed::Nobody,
        }
    }

    /// Looks once more for somebody who was meant to hear it, who has come since then.
    pub(crate) fn look_nearly(&self, missed: &mut Missed) {
        if let Some(kind) = Kind::of_message(&missed.message) {
            missed.why = self.nearly(missed.sender.opposite(), &kind);
        }
    }

    /// The first endpoint of this VM that hears messages of such a topic, and its process.
    fn listener(&self, side: Orientation, is_it: impl Fn(&Topic) -> bool) -> Option<(String, &Topic)> {
        self.processes.slots().into_iter().find_map(|slot| {
            let endpoints = self.endpoints_of(slot).into_iter();
            endpoints.filter_map(|entry| self.network.endpoints.get(entry.slot)).find_map(|endpoint| {
                let hears = endpoint.orientation == side && endpoint.takes.messages && is_it(&endpoint.topic);
                hears.then(|| (self.processes.path_to(slot), &endpoint.topic))
            })
        })
    }

    /// A process gets this endpoint: perhaps it was meant to hear what nobody heard.
    pub(super) fn look_who_listens(&mut self, slot: ProcessSlot, spec: &EndpointSpec, context: &mut Context) {
        if self.kinds.missed.is_empty() || !(spec.messages || spec.once) {
            return;
        }
        let topic = &spec.role.topic;
        let Some(kind) = Kind::of_topic(topic) else { return };
        let Some(at) = self.kinds.position(spec.role.orientation.opposite(), &kind) else { return };
        let who = self.processes.path_to(slot);
        let (_, missed) = &mut self.kinds.missed[at];
        match (topic.matches(&missed.message), &missed.why) {
            (true, _) => missed.why = WhyMissed::TooEarly { who },
            (false, WhyMissed::Nobody | WhyMissed::OtherKind { .. }) => {
                missed.why = WhyMissed::OtherTopic { who, topic: short(topic) }
            }
            (false, _) => return,
        }
        context.has_missed |= context.has_not_told(&missed.kind);
    }

    /// A process of this VM has sent a message out, where there are only sources.
    pub(crate) fn sent_to_nobody(&self, pid: Pid, body: &Value, context: &mut Context) {
        let Some(kind) = Kind::of_message(body) else { return };
        let shown = short(&kind.shown());
        if kind.may_be_missed() || !context.has_not_told(&shown) || !can_be_kept(body) {
            return;
        }
        let missed = Missed {
            kind: shown,
            message: body.seen(),
            sender: Orientation::Publisher,
            who: self.processes.find(pid).map(|slot| self.processes.path_to(slot)),
            why: WhyMissed::Outermost,
        };
        context.missed.push((self.processes.path.clone(), missed));
    }

    /// A process has no clause for the news that nobody took what it passed on this wire.
    #[cold]
    pub(super) fn passed_in_vain(&self, slot: ProcessSlot, wire: &Value, context: &mut Context) {
        let Some(entry) = self.processes.get(slot) else { return };
        let who = self.processes.path_to(slot);
        // Each wire may be another one.
        let kind = short(&format_args!("a wire of {who}"));
        if !is_of_library(entry.body.called().path()) && context.has_not_told(&kind) && can_be_kept(wire) {
            let (sender, why) = (Orientation::Publisher, WhyMissed::Unknown);
            let missed = Missed { kind, message: wire.seen(), sender, who: Some(who), why };
            context.missed.push((self.processes.path.clone(), missed));
            context.has_missed = true;
        }
    }

    /// Takes the messages that nobody has heard in this VM, and in those in it.
    pub(crate) fn take_missed(&mut self, found: &mut Vec<(Arc<[Pid]>, Missed)>) {
        let missed = self.kinds.missed.drain(..).map(|(_, missed)| missed);
        let missed = missed.chain(self.untaken.found.drain(..));
        found.extend(missed.map(|missed| (self.processes.path.clone(), missed)));
        self.each_inside(&mut |vm| vm.take_missed(found));
    }

    /// The VM is done: those of which nobody has heard will not be heard.
    pub(crate) fn end_missed(&mut self, context: &mut Context) {
        let mut found = Vec::new();
        self.take_missed(&mut found);
        for (vm, missed) in found {
            if context.has_not_told(&missed.kind) {
                context.missed.push((vm, missed));
            }
        }
    }

    /// The host is told of it, and will not be told of others of its kind.
    pub(crate) fn told_missed(&mut self, missed: &Missed) {
        if let Some(kind) = Kind::of_message(&missed.message)
            && missed.why != WhyMissed::Unknown
        {
            self.kinds.known.insert((missed.sender, kind));
        }
    }

    /// The host is not told of it yet.
    pub(crate) fn keep_missed(&mut self, missed: Missed) {
        if let Some(kind) = Kind::of_message(&missed.message) {
            self.kinds.missed.push((kind, missed));
        }
    }

    /// Looks in this VM, and in those in it, for a process that would hear a message to which
    /// nobody listens in its own VM, the one at this path.
    pub(crate) fn look_at_levels(&mut self, from: &[Pid], missed: &mut Missed) {
        let hears = |topic: &Topic| !topic.is_any() && topic.matches(&missed.message);
        if let Some((who, _)) = self.listener(missed.sender.opposite(), hears) {
            let here = &self.processes.path;
            let level = match (from.starts_with(here), here.starts_with(from)) {
                (true, _) => Level::Around,
                (false, true) => Level::Inside,
                (false, false) => Level::Beside,
            };
            missed.why = WhyMissed::OtherLevel { who, level };
            return;
        }
        self.each_inside(&mut |vm| {
            if !missed.why.is_known() {
                vm.look_at_levels(from, missed);
            }
        });
    }

    /// Does this with each VM that is in this one, but not with those in these.
    pub(super) fn each_inside(&mut self, work: &mut dyn FnMut(&mut Self)) {
        for slot in self.processes.slots() {
            if let Some(entry) = self.processes.get_mut(slot)
                && let Some(vm) = entry.body.as_any().downcast_mut::<Process<Self>>()
                && let Some(vm) = vm.state_mut()
            {
                work(vm);
            }
        }
    }
}
