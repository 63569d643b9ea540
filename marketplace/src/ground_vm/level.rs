//! The level outside the ground VM: nothing but sources.

use std::collections::VecDeque;

use smallvec::{SmallVec, smallvec};

use crate::action::{Deletion, EndpointSpec, Handler};
use crate::duct::{self, Duct};
use crate::event::Event;
use crate::fresh::Fresh;
use crate::ground_vm::Output;
use crate::hash::Map;
use crate::index::{Entry, Index};
use crate::part::Part;
use crate::process::{Context, Turn};
use crate::reason::Reason;
use crate::role::{InterestType, Orientation, Role};
use crate::slots::Slots;
use crate::source::{Source, ground_topic};
use crate::symbol::Symbol;
use crate::topic::Topic;
use crate::value::Value;
use crate::vm::Vm;

/// The endpoints that the ground VM has out here, and the sources that are on. The host's end of each source is a publisher.
pub(super) struct Level {
    endpoints: Slots<Listener, 0>,
    names: Map<Value, u32>,
    index: Index,
    next_order: u64,
    sources: Slots<On, 0>,
    /// How many listeners do not simply hear whatever one source says, as a participant does that names it and nothing else.
    selective: usize,
}

struct Listener {
    order: u64,
    role: Role,
    handler: Handler<Vm>,
    once: bool,
    counted: bool,
    name: Value,
}

/// What came of naming a source.
#[derive(PartialEq, Eq)]
enum Demand {
    TurnedOn,
    WasOn,
    Spent,
}

/// A source that is on.
struct On {
    source: Source,
    /// The participants that name it.
    by: SmallVec<[u32; 1]>,
    /// How many items it may still give, if that is limited.
    credit: Option<u64>,
    /// The topic of its items.
    topic: Topic,
    /// What was queued up to its last item is numbered below this.
    last_item: u64,
}

type Outputs = VecDeque<Output>;

impl Listener {
    /// The source that it turns on.
    fn demands(&self) -> Option<Source> {
        (self.role.interest == InterestType::Participant).then(|| named_source(&self.role.topic)).flatten()
    }

    /// It hears whatever one source says, and nothing else.
    fn is_plain(&self) -> bool {
        self.demands().is_some_and(|source| self.role.topic == ground_topic(Some(&source)))
    }

    fn hear(&self, event: &Event<'_>, vm: &mut Option<Vm>, context: &mut Context) {
        let mut turn = Turn::new(vm, context);
        // A lifted handler is the kernel's own: it calls user code through the door, and never fails itself.
        let _ = if self.counted {
            (self.handler)(&event.at_edge(), &mut turn)
        } else {
            (self.handler)(event, &mut turn)
        };
    }
}

/// The source that a ground topic names.
fn named_source(topic: &Topic) -> Option<Source> {
    Part::topic(topic).field(0)?.decode()
}

fn host_absence<'a>(topic: &'a Topic, ear: &'a Topic, reason: &'a Reason) -> Event<'a> {
    Event::absence(Orientation::Publisher, InterestType::Participant, Part::both(ear, topic), reason)
}

fn host_presence<'a>(topic: &'a Topic, ear: &'a Topic) -> Event<'a> {
    Event::presence(Orientation::Publisher, InterestType::Participant, Part::both(ear, topic))
}

impl Level {
    pub(super) fn new() -> Self {
        Self {
            endpoints: Slots::new(),
            names: Map::default(),
            index: Index::new(),
            next_order: 0,
            sources: Slots::new(),
            selective: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether there can be such an endpoint out here: a listener to ground events, of one source or of all.
    pub(super) fn knows(role: &Role) -> bool {
        let Some(source) = Part::topic(&role.topic).field(0) else { return false };
        role.orientation == Orientation::Subscriber
            && role.topic.meets(&ground_topic(None))
            && (source.to_value().is_none() || source.decode::<Source>().is_some())
    }

    pub(super) fn add(
        &mut self,
        spec: EndpointSpec,
        handler: Handler<Vm>,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let EndpointSpec { name, role, once, counted, .. } = spec;
        let name = name.unwrap_or_else(|| Fresh::new().into());
        if let Some(&slot) = self.names.get(&name) {
            if let Some(listener) = self.endpoints.get_mut(slot) {
                (listener.handler, listener.once, listener.counted) = (handler, once, counted);
            }
            return self.change(slot, role, vm, context, outputs);
        }
        self.next_order += 1;
        let order = self.next_order;
        let listener = Listener { order, role, handler, once, counted, name: name.clone() };
        let demanded = listener.demands();
        self.selective += usize::from(!listener.is_plain());
        let slot = self.endpoints.insert(listener);
        self.names.insert(name, slot);
        if let Some(listener) = self.endpoints.get(slot) {
            self.index.add(&listener.role.topic, Entry { order, slot });
        }
        let demand = demanded.map(|source| self.demand(&source, slot, vm, context, outputs));
        if demand != Some(Demand::TurnedOn) {
            self.introduce(slot, vm, context);
        }
        if demand == Some(Demand::Spent) {
            self.tell_spent(slot, vm, context);
        }
    }

    /// A listener gets another role, in one atomic change: it is told of each source that it now hears otherwise.
    fn change(
        &mut self,
        slot: u32,
        role: Role,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let topics = self.topics();
        let Some(listener) = self.endpoints.get_mut(slot) else { return };
        let (before, was_plain) = (listener.demands(), listener.is_plain());
        let old = std::mem::replace(&mut listener.role, role);
        self.selective += usize::from(!listener.is_plain());
        self.selective -= usize::from(!was_plain);
        let (listener, now) = (&*listener, listener.demands());
        self.index.remove(&old.topic, listener.order);
        self.index.add(&listener.role.topic, Entry { order: listener.order, slot });
        for topic in &topics {
            let (before, now) = (old.topic.intersect(topic), listener.role.topic.intersect(topic));
            if before == now {
                continue;
            }
            if now.is_some() {
                listener.hear(&host_presence(topic, &listener.role.topic), vm, context);
            }
            if before.is_some() {
                listener.hear(&host_absence(topic, &old.topic, &Reason::Changed), vm, context);
            }
        }
        if before == now {
            return;
        }
        let demand = now.map(|source| self.demand(&source, slot, vm, context, outputs));
        if demand == Some(Demand::Spent) {
            self.tell_spent(slot, vm, context);
        }
        self.release(before, slot, vm, context, outputs);
    }

    /// A participant names a source: the first one turns it on, and all who listen hear of that.
    fn demand(
        &mut self,
        source: &Source,
        by: u32,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) -> Demand {
        if let Some(on) = self.on_mut(source) {
            on.by.push(by);
            return Demand::WasOn;
        }
        let Some(engine) = source.spend() else { return Demand::Spent };
        outputs.push_back(Output::Start(source.clone(), engine));
        let topic = ground_topic(Some(source));
        let credit = source.is_credited().then_some(0);
        let by = smallvec![by];
        let on = On { source: source.clone(), by, credit, topic: topic.clone(), last_item: 0 };
        source.set_place(self.sources.insert(on));
        for ear in self.listeners(&topic) {
            if let Some(listener) = self.endpoints.get(ear.slot) {
                listener.hear(&host_presence(&topic, &listener.role.topic), vm, context);
            }
        }
        Demand::TurnedOn
    }

    /// A listener has named a source that gives nothing any more.
    fn tell_spent(&self, slot: u32, vm: &mut Option<Vm>, context: &mut Context) {
        let Some(listener) = self.endpoints.get(slot) else { return };
        let reason = Reason::Refused(Value::from(&Symbol::new("spent")));
        let topic = ground_topic(listener.demands().as_ref());
        listener.hear(&Event::refusal(Part::both(&listener.role.topic, &topic), &reason), vm, context);
    }

    /// Shows a new listener the sources that are on.
    fn introduce(&self, slot: u32, vm: &mut Option<Vm>, context: &mut Context) {
        let Some(listener) = self.endpoints.get(slot) else {
            return;
        };
        let mut shown = false;
        for topic in self.peers(&listener.role.topic) {
            shown = true;
            listener.hear(&host_presence(&topic, &listener.role.topic), vm, context);
        }
        if !shown {
            let event = Event::vacancy(Orientation::Publisher, Part::topic(&listener.role.topic));
            listener.hear(&event, vm, context);
        }
    }

    /// The topics of the sources that are on and meet this topic.
    fn peers(&self, topic: &Topic) -> Vec<Topic> {
        match named_source(topic) {
            Some(source) => self.on(&source).map(|on| on.topic.clone()).into_iter().collect(),
            None => self.topics(),
        }
    }

    /// The topics of the sources that are on, in the order in which the sources were made.
    fn topics(&self) -> Vec<Topic> {
        let mut on: Vec<_> = self.sources.iter().collect();
        on.sort_unstable_by_key(|on| &on.source);
        on.into_iter().map(|on| on.topic.clone()).collect()
    }

    fn listeners(&mut self, topic: &Topic) -> Vec<Entry> {
        let mut found = Vec::new();
        self.index.meeting(topic, &mut found);
        found
    }

    fn remove(&mut self, slot: u32) -> Option<Listener> {
        let listener = self.endpoints.remove(slot)?;
        self.index.remove(&listener.role.topic, listener.order);
        self.selective -= usize::from(!listener.is_plain());
        Some(listener)
    }

    /// Gives the ducts of which the handler lets go, if its process has ended.
    pub(super) fn delete(
        &mut self,
        delete: &Deletion,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) -> Vec<Duct> {
        let Some(slot) = self.names.remove(&delete.name) else {
            return Vec::new();
        };
        let Some(listener) = self.remove(slot) else {
            return Vec::new();
        };
        for topic in self.peers(&listener.role.topic) {
            listener.hear(&host_absence(&topic, &listener.role.topic, &delete.reason), vm, context);
        }
        self.release(listener.demands(), slot, vm, context, outputs);
        if delete.ended { duct::letting_go(|| drop(listener)).1 } else { Vec::new() }
    }

    /// A listener names this source no more: the last participant turns its source off.
    fn release(
        &mut self,
        demanded: Option<Source>,
        by: u32,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let Some(source) = demanded else { return };
        let Some(on) = self.on_mut(&source) else {
            return;
        };
        on.by.retain(|participant| *participant != by);
        if on.by.is_empty() {
            outputs.push_back(Output::Stop(source.clone()));
            self.end(&source, &Reason::Normal, vm, context);
        }
    }

    /// The source gives nothing more: its listeners hear why.
    pub(super) fn end(
        &mut self,
        source: &Source,
        reason: &Reason,
        vm: &mut Option<Vm>,
        context: &mut Context,
    ) {
        if self.on(source).is_none() {
            return;
        }
        let Some(On { topic, .. }) = self.sources.remove(source.place()) else {
            return;
        };
        for ear in self.listeners(&topic) {
            if let Some(listener) = self.endpoints.get(ear.slot) {
                listener.hear(&host_absence(&topic, &listener.role.topic, reason), vm, context);
            }
        }
    }

    /// An item of a source that is on: most have one listener, and then there is no need to look for any.
    pub(super) fn hear_item(
        &mut self,
        source: &Source,
        body: &Value,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        match self.on(source).map(|on| &on.by[..]) {
            Some(&[listener]) if self.selective == 0 => {
                self.tell(listener, &Event::message(Orientation::Publisher, body), vm, context, outputs);
            }
            _ => self.hear_message(body, vm, context, outputs),
        }
    }

    pub(super) fn hear_message(
        &mut self,
        body: &Value,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let event = Event::message(Orientation::Publisher, body);
        let mut receivers = Vec::new();
        self.index.matching(body).append_to(&mut receivers);
        for receiver in receivers {
            self.tell(receiver.slot, &event, vm, context, outputs);
        }
    }

    /// A listener hears a message, which takes it if it is for one only.
    fn tell(
        &mut self,
        slot: u32,
        event: &Event<'_>,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        match self.endpoints.get(slot) {
            Some(listener) if !listener.once => return listener.hear(event, vm, context),
            _ => {}
        }
        let Some(listener) = self.remove(slot) else { return };
        self.names.remove(&listener.name);
        listener.hear(event, vm, context);
        self.release(listener.demands(), slot, vm, context, outputs);
    }

    pub(super) fn hear_refusal(
        &mut self,
        topic: &Topic,
        why: Value,
        vm: &mut Option<Vm>,
        context: &mut Context,
    ) {
        let reason = Reason::Refused(why);
        for ear in self.listeners(topic) {
            if let Some(listener) = self.endpoints.get(ear.slot) {
                listener.hear(&Event::refusal(Part::both(&listener.role.topic, topic), &reason), vm, context);
            }
        }
    }

    /// The VM has ended: every source is turned off.
    pub(super) fn stop_all(&mut self, outputs: &mut Outputs) {
        let mut sources: Vec<_> = self.sources.drain().map(|on| on.source).collect();
        sources.sort_unstable();
        outputs.extend(sources.into_iter().map(Output::Stop));
    }

    #[inline]
    fn on(&self, source: &Source) -> Option<&On> {
        self.sources.get(source.place()).filter(|on| on.source == *source)
    }

    #[inline]
    fn on_mut(&mut self, source: &Source) -> Option<&mut On> {
        self.sources.get_mut(source.place()).filter(|on| on.source == *source)
    }

    /// The credit of a source that is on: `Some(None)` if it needs none.
    pub(super) fn credit_mut(&mut self, source: &Source) -> Option<Option<&mut u64>> {
        self.on_mut(source).map(|on| on.credit.as_mut())
    }

    pub(super) fn wants(&self, source: &Source) -> bool {
        self.on(source).is_some_and(|on| on.credit != Some(0))
    }

    pub(super) fn last_item(&self, source: &Source) -> u64 {
        self.on(source).map_or(0, |on| on.last_item)
    }

    /// Up to the item that it has given, everything is numbered below this.
    pub(super) fn note_item(&mut self, source: &Source, end: u64) {
        if let Some(on) = self.on_mut(source) {
            on.last_item = end;
        }
    }

    /// An item has come. Says whether the source is on.
    pub(super) fn take_credit(&mut self, source: &Source) -> bool {
        let Some(on) = self.on_mut(source) else {
            return false;
        };
        if let Some(credit) = &mut on.credit {
            *credit = credit.saturating_sub(1);
        }
        true
    }
}
