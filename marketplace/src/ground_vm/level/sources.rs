//! The sources that are on: which participants keep one on, and how many items it may still give.

use smallvec::{SmallVec, smallvec};

use crate::conversation::topic::Topic;
use crate::data::numbers::Counter;
#[cfg(feature = "tokio")]
use crate::data::numbers::TurnId;
use crate::data::reason::Reason;
use crate::data::slots::{Place, Slot};
use crate::data::value::Value;
use crate::ground_vm::Output;
use crate::ground_vm::level::listener::{host_absence, host_presence, named_source};
use crate::ground_vm::level::{Level, Outputs};
use crate::ground_vm::source::{Source, ground_topic};
use crate::network::endpoint::EndpointSlot;
use crate::process::Context;
use crate::vm::Vm;

/// The result of naming a source.
#[derive(PartialEq, Eq)]
pub(super) enum Demand {
    TurnedOn,
    WasOn,
    Spent,
}

/// A source that is on: one cache line, since an item may find any of them.
#[repr(align(64))]
pub(in crate::ground_vm) struct ActiveSource {
    source: Source,
    /// The source as it stands in its items: that of the last one is used again.
    name: Option<Source>,
    /// The participant that names it, if it is the only one.
    only: EndpointSlot,
    /// How many items it may still give, if that is limited.
    credit: Option<u64>,
    /// Every action that was queued up to its last item has a number below this.
    last_item: Counter,
    rest: Box<Rest>,
}

const _: () = assert!(Place::<ActiveSource>::SIZE <= 64);

/// The things of a source that an item does not need.
struct Rest {
    /// The participants that name it.
    by: SmallVec<[EndpointSlot; 1]>,
    /// The topic of its items.
    topic: Topic,
    /// The turn that turned it on.
    #[cfg(feature = "tokio")]
    cause: TurnId,
}

impl ActiveSource {
    /// The only participant that names it.
    #[inline]
    pub(super) fn only(&self) -> Option<EndpointSlot> {
        Some(self.only).filter(|only| !only.is_none())
    }

    /// The participants have changed.
    fn note_only(&mut self) {
        self.only = match self.rest.by[..] {
            [only] => only,
            _ => Slot::NONE,
        };
    }
}

impl Level {
    /// A participant names a source: the first one turns it on, and all listeners hear of that.
    pub(super) fn demand(
        &mut self,
        source: &Source,
        by: EndpointSlot,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) -> Demand {
        if let Some(on) = self.on_mut(source) {
            on.rest.by.push(by);
            on.note_only();
            return Demand::WasOn;
        }
        let Some(engine) = source.spend() else { return Demand::Spent };
        outputs.push_back(Output::Start(source.clone(), engine));
        let topic = ground_topic(Some(source));
        let credit = source.is_credited().then_some(0);
        let rest = Box::new(Rest {
            by: smallvec![by],
            topic: topic.clone(),
            #[cfg(feature = "tokio")]
            cause: context.action.1,
        });
        let last_item = Counter::ZERO;
        let on = ActiveSource { source: source.clone(), name: None, only: by, credit, last_item, rest };
        source.set_place(self.sources.insert(on));
        for ear in self.listeners(&topic) {
            let Some(listener) = self.endpoints.get(ear.slot) else {
                unreachable!("what the index finds is in the table")
            };
            listener.hear(&host_presence(&topic, &listener.rest.role.topic), vm, context);
        }
        Demand::TurnedOn
    }

    /// A listener does not name this source any more: with the last participant, the source is
    /// turned off.
    pub(super) fn release(
        &mut self,
        demanded: Option<Source>,
        by: EndpointSlot,
        vm: &mut Option<Vm>,
        context: &mut Context,
        outputs: &mut Outputs,
    ) {
        let Some(source) = demanded else { return };
        let Some(on) = self.on_mut(&source) else {
            return;
        };
        on.rest.by.retain(|participant| *participant != by);
        on.note_only();
        if on.rest.by.is_empty() {
            outputs.push_back(Output::Stop(source.clone()));
            self.end(&source, &Reason::Normal, vm, context);
        }
    }

    /// The source gives nothing more: its listeners hear why.
    pub(in crate::ground_vm) fn end(
        &mut self,
        source: &Source,
        reason: &Reason,
        vm: &mut Option<Vm>,
        context: &mut Context,
    ) {
        if self.on(source).is_none() {
            return;
        }
        let Some(on) = self.sources.remove(source.place()) else {
            unreachable!("the source was found on above")
        };
        let topic = on.rest.topic;
        for ear in self.listeners(&topic) {
            let Some(listener) = self.endpoints.get(ear.slot) else {
                unreachable!("what the index finds is in the table")
            };
            listener.hear(&host_absence(&topic, &listener.rest.role.topic, reason), vm, context);
        }
    }

    /// The VM has ended: every source is turned off.
    pub(in crate::ground_vm) fn stop_all(&mut self, outputs: &mut Outputs) {
        let mut sources: Vec<_> = self.sources.drain().map(|on| on.source).collect();
        sources.sort_unstable();
        outputs.extend(sources.into_iter().map(Output::Stop));
    }

    /// The topics of the sources that are on and meet this topic.
    pub(super) fn peers(&self, topic: &Topic) -> Vec<Topic> {
        match named_source(topic) {
            Some(source) => self.on(&source).map(|on| on.rest.topic.clone()).into_iter().collect(),
            None => self.topics(),
        }
    }

    /// The topics of the sources that are on, in the order in which the sources were made.
    pub(super) fn topics(&self) -> Vec<Topic> {
        let mut on: Vec<_> = self.sources.iter().collect();
        on.sort_unstable_by_key(|on| &on.source);
        on.into_iter().map(|on| on.rest.topic.clone()).collect()
    }

    #[inline]
    pub(super) fn on(&self, source: &Source) -> Option<&ActiveSource> {
        self.sources.get(source.place()).filter(|on| on.source == *source)
    }

    #[inline]
    fn on_mut(&mut self, source: &Source) -> Option<&mut ActiveSource> {
        self.sources.get_mut(source.place()).filter(|on| on.source == *source)
    }

    /// The turn that turned it on, if it is on.
    #[cfg(feature = "tokio")]
    pub(in crate::ground_vm) fn cause(&self, source: &Source) -> TurnId {
        self.on(source).map_or(TurnId::NONE, |on| on.rest.cause)
    }

    pub(in crate::ground_vm) fn wants(&self, source: &Source) -> bool {
        self.last_item_of_wanted(source).is_some()
    }

    /// [`Level::last_item`], if the source is on and may be asked.
    #[inline]
    pub(in crate::ground_vm) fn last_item_of_wanted(&self, source: &Source) -> Option<Counter> {
        self.on(source).filter(|on| on.credit != Some(0)).map(|on| on.last_item)
    }

    /// Takes one from the credit of a source for an item that has come. Gives the source's place,
    /// if it is on, and the source as it stands in the item.
    #[inline]
    pub(in crate::ground_vm) fn take_credit(
        &mut self,
        source: &Source,
    ) -> Option<(Slot<ActiveSource>, Value)> {
        let on = self.on_mut(source)?;
        if let Some(credit) = &mut on.credit {
            *credit = credit.saturating_sub(1);
        }
        Some((source.place(), on.name.take().unwrap_or_else(|| source.clone()).into_value()))
    }

    /// The credit of a source that is on: `Some(None)` if it needs none.
    pub(in crate::ground_vm) fn credit_mut(&mut self, source: &Source) -> Option<Option<&mut u64>> {
        self.on_mut(source).map(|on| on.credit.as_mut())
    }

    pub(in crate::ground_vm) fn last_item(&self, source: &Source) -> Counter {
        self.on(source).map_or(Counter::ZERO, |on| on.last_item)
    }

    /// Notes that every action up to the item which the source that is on here has given has a
    /// number below this. Nobody needs the source any more that stood in the item.
    pub(in crate::ground_vm) fn note_item(&mut self, on: Slot<ActiveSource>, end: Counter, name: Value) {
        if let Some(on) = self.sources.get_mut(on).filter(|on| on.source.is(&name)) {
            (on.last_item, on.name) = (end, Source::known_in(name));
        }
    }
}
