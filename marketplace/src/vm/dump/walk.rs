//! A walk over a tower of VMs: its objects, its promises, and the handles that its VMs see.
//!
//! Nothing is registered anywhere, so a promise is found by what leads to it: a queue, a process
//! that waits, an endpoint's topic, a message that waits at another promise.

use std::collections::HashSet;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::conversation::duct::Back;
use crate::conversation::pid::Pid;
use crate::conversation::promise::owed::{Answering, Owed};
use crate::conversation::promise::sending::Sending;
use crate::conversation::promise::when::{Waiter, When};
use crate::conversation::promise::{Draining, Open, PromiseState, There};
use crate::conversation::topic::{Topic, TopicView};
use crate::data::hash::Map;
use crate::data::numbers::TowerId;
use crate::data::reason::Reason;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::value::{Value, View};
use crate::process::action::{Act, Address, Given, Giving, Held, Onto, Passing};
use crate::process::objects::On;
use crate::process::objects::asks::Gather;
use crate::process::queue::Work;
use crate::process::{Keeps, KeptSlot};
use crate::vm::Vm;
#[cfg(feature = "shell")]
use crate::vm::dump::Numbered;
use crate::vm::dump::objects::DumpedPlace;

/// The things that a walk finds, by number.
pub(super) struct Walk {
    pub(super) tower: TowerId,
    pub(super) found: Map<ReferenceId, Found>,
    pub(super) handles: Map<ReferenceId, Handles>,
    /// Where each waiting process waits.
    pub(super) waits_at: Map<Waits, ReferenceId>,
    /// Where each began to wait.
    pub(super) waiting: Vec<(Waits, ReferenceId)>,
    /// The promises for which processes are about to wait.
    pub(super) wanted: Map<Waits, ReferenceId>,
    /// The lists of parts that were seen: values share them.
    known: HashSet<*const ()>,
    agenda: Vec<ReferenceId>,
    path: Arc<[Pid]>,
}

/// A process that waits, and its slot for that.
pub(super) type Waits = (Arc<[Pid]>, Pid, KeptSlot);

/// An object or a promise that was found.
pub(super) struct Found {
    pub(super) what: What,
    /// The VMs that see it.
    pub(super) vms: SmallVec<[Arc<[Pid]>; 1]>,
    pub(super) decider: Option<Decides>,
    /// The promises that wait for it.
    pub(super) followers: Vec<ReferenceId>,
    /// The process that waits for it, but not at the promise.
    pub(super) waiter: Option<Waiter>,
}

pub(super) enum What {
    /// It is an object, and is there.
    Object(DumpedPlace),
    /// It is a promise, or an object that is not there yet.
    Promise(Reference),
    /// It is settled, or gone.
    Over,
}

/// The one who settles a promise.
pub(super) enum Decides {
    /// The answer to a message to this one, which is queued.
    Message(ReferenceId),
    /// The answer to a message that waits at this one.
    Waiting(ReferenceId),
    Answer,
    When(Waits),
    Several {
        missing: usize,
    },
    Arrives(DumpedPlace),
}

/// How many handles the VMs see.
#[derive(Clone, Copy, Default)]
pub(super) struct Handles {
    pub(super) queued: usize,
    pub(super) promised: usize,
    pub(super) named: usize,
    pub(super) waits: usize,
}

/// Where a handle is.
#[derive(Clone, Copy)]
enum At {
    Queue,
    Promise,
    Name,
    /// Nowhere: the walk came to it in another way.
    Nowhere,
}

impl Walk {
    /// A walk over a VM, and over all VMs in it.
    pub(super) fn over(vm: &Vm) -> Self {
        let mut walk = Self {
            tower: vm.processes.site.tower_id(),
            found: Map::default(),
            handles: Map::default(),
            waits_at: Map::default(),
            waiting: Vec::new(),
            wanted: Map::default(),
            known: HashSet::new(),
            agenda: Vec::new(),
            path: vm.processes.path.clone(),
        };
        walk.vm(vm);
        while let Some(id) = walk.agenda.pop() {
            walk.look_into(id);
        }
        walk
    }

    /// The promise, or the object that is not there yet, that has this number.
    #[cfg(feature = "shell")]
    pub(super) fn promises_numbered(&self, number: ReferenceId) -> Numbered {
        let what = self.found.get(&number).map(|found| &found.what);
        let live = match what {
            Some(What::Promise(promise)) => vec![promise.clone()],
            _ => Vec::new(),
        };
        let is_awaited = self.waiting.iter().any(|(_, id)| *id == number);
        Numbered { live, is_over: matches!(what, Some(What::Over)), is_awaited }
    }

    fn vm(&mut self, vm: &Vm) {
        self.path = vm.processes.path.clone();
        for pending in vm.processes.queue.since(0).filter(|pending| vm.processes.is_live(pending)) {
            self.work(&pending.work, pending.pid);
        }
        vm.outbox.iter().for_each(|relayed| self.act(&relayed.act));
        vm.early.iter().for_each(|early| self.value(early.body(), At::Queue));
        for endpoint in vm.network.endpoints.iter() {
            self.topic(&endpoint.topic, At::Name);
            endpoint.name().into_iter().for_each(|name| self.value(name, At::Name));
        }
        for entry in vm.processes.entries() {
            for names in entry.names.iter() {
                let outer = names.outer.keys().map(|(_, name)| name);
                let endpoints = names.endpoints.names();
                let names = names.own.iter().chain(endpoints).chain(outer);
                names.for_each(|name| self.value(name, At::Name));
            }
            let pid = entry.pid;
            entry.body.look_at_kept(&mut |keeps| self.kept(pid, keeps));
        }
        vm.inner_vms().for_each(|vm| self.vm(vm));
    }

    fn work(&mut self, work: &Work, pid: Pid) {
        match work {
            Work::Act(act) => self.act(act),
            Work::Object(arriving, _) => {
                let place = DumpedPlace { vm: self.path.clone(), pid };
                self.reference(arriving.reference(), At::Nowhere);
                self.decides(arriving.reference().id(), Decides::Arrives(place));
            }
            Work::Resume(..) | Work::When(_) | Work::Nothing => {}
        }
    }

    fn act<H: Held>(&mut self, act: &Act<H>) {
        match act {
            Act::Message(body) | Act::Feedback(body) | Act::MessageOut(body) | Act::FeedbackOut(body) => {
                self.value(body, At::Queue);
            }
            Act::Add(spec, _) => {
                spec.name.iter().for_each(|name| self.value(name, At::Queue));
                self.topic(&spec.role.topic, At::Queue);
            }
            Act::Delete(delete, _) => self.value(&delete.name, At::Queue),
            Act::Refuse(refusal) => {
                self.topic(&refusal.0, At::Queue);
                self.value(&refusal.1, At::Queue);
            }
            Act::Spawn(spec, _) => spec.name.iter().for_each(|name| self.value(name, At::Queue)),
            Act::Quit(_, ending) => {
                let reason = ending.as_ref().and_then(|ending| ending.reason.as_ref());
                reason.into_iter().for_each(|reason| self.reason(reason, At::Queue));
            }
            Act::Pass(passing) => self.passing(passing),
            Act::Give(giving) => self.giving(giving),
            Act::Send(sending) | Act::Deliver(sending) => {
                self.sending(sending, At::Queue);
                self.owed(&sending.owed, Decides::Message(sending.to().id()));
            }
            Act::Answer(answering) => {
                self.answer(answering, Decides::Answer);
                self.result(&answering.result, At::Queue);
            }
            Act::Gather(gather) => self.gather(gather),
            Act::Close(resolver) => {
                if let Some(promise) = resolver.settles() {
                    self.reference(&promise, At::Nowhere);
                }
            }
            Act::Wait(waiting) => self.value(&waiting.on, At::Queue),
            Act::Drain(place) => self.reference(place.promise(), At::Queue),
            Act::News(news) => {
                let (when, result) = news.look();
                if let When::Process(waiter) = when {
                    // It is told soon, and waits at nothing.
                    self.waits_at.insert(waits(waiter), ReferenceId::NONE);
                }
                self.result(result, At::Queue);
            }
            Act::Meta(inner) => self.act(&**inner),
            Act::Fall(_) | Act::Shutdown => {}
        }
    }

    fn passing(&mut self, passing: &Passing) {
        if let Address::Object(object) = &passing.to {
            self.reference(object, At::Queue);
        }
        self.value(&passing.wire, At::Queue);
        self.value(&passing.body, At::Queue);
        if let Onto::Duct(duct) | Onto::Pushed(duct) = &passing.onto
            && let Some((promise, _)) = duct.promised()
        {
            self.reference(&promise, At::Nowhere);
        }
    }

    fn giving(&mut self, giving: &Giving) {
        if let Some((promise, _)) = giving.duct.promised() {
            self.reference(&promise, At::Nowhere);
            self.decides(promise.id(), Decides::Answer);
        }
        match &giving.what {
            Given::Reply(body) => self.value(body, At::Queue),
            Given::Nothing(reason) | Given::Returned(reason) => self.reason(reason, At::Queue),
        }
    }

    fn gather(&mut self, gather: &Gather) {
        gather.promises.iter().for_each(|promise| self.value(promise, At::Queue));
        if let Some(promise) = gather.gathering.promise() {
            self.reference(&promise, At::Nowhere);
            self.decides(promise.id(), Decides::Several { missing: gather.gathering.missing() });
        }
    }

    fn kept(&mut self, pid: Pid, keeps: Keeps<'_>) {
        let Keeps::When { kept, on, only_broken, owed, object } = keeps else { return };
        let waits = (self.path.clone(), pid, kept);
        match on {
            On::Wanted(on) => {
                self.value(on, At::Queue);
                if let Some(promise) = on.as_reference() {
                    self.wanted.insert(waits.clone(), promise.id());
                }
            }
            On::At(promise) if !only_broken => self.waiting.push((waits.clone(), *promise)),
            On::At(_) | On::Data => {}
        }
        if let Some(object) = object.and_then(|object| object.upgrade()) {
            self.handles.entry(object.id()).or_default().waits += 1;
        }
        self.owed(owed, Decides::When(waits));
    }

    fn sending(&mut self, sending: &Sending, at: At) {
        self.reference(sending.to(), at);
        sending.parts().iter().for_each(|part| self.value(part, at));
    }

    fn owed(&mut self, owed: &Owed, decides: Decides) {
        if let Some(answering) = owed.look() {
            self.answer(answering, decides);
        }
    }

    fn answer(&mut self, answering: &Answering, decides: Decides) {
        let Some(promise) = answering.answer.settles() else { return };
        self.reference(&promise, At::Nowhere);
        self.decides(promise.id(), decides);
        if let Some(waiter) = answering.waiter() {
            self.waits_at.insert(waits(waiter), promise.id());
            if let Some(found) = self.found.get_mut(&promise.id()) {
                found.see_from(waiter.site.vm());
                found.waiter = Some(waiter.clone());
            }
        }
    }

    fn result(&mut self, result: &Result<Value, Reason>, at: At) {
        match result {
            Ok(value) => self.value(value, at),
            Err(reason) => self.reason(reason, at),
        }
    }

    fn reason(&mut self, reason: &Reason, at: At) {
        if let Reason::Value(value) = reason {
            self.value(value, at);
        }
    }

    fn topic(&mut self, topic: &Topic, at: At) {
        match topic.view() {
            TopicView::Literal(value) => self.value(value, at),
            TopicView::Record(_, parts) | TopicView::Sequence(parts) if self.is_new(parts.as_ptr()) => {
                parts.iter().for_each(|part| self.topic(part, at));
            }
            _ => {}
        }
    }

    /// Whether these parts have not been seen yet.
    fn is_new<T>(&mut self, parts: *const T) -> bool {
        self.known.insert(parts.cast())
    }

    /// A value nests at most [`MAX_DEPTH`](crate::MAX_DEPTH) deep, and so does this call.
    fn value(&mut self, value: &Value, at: At) {
        if !value.has_references() {
            return;
        }
        match value.view() {
            View::Reference(reference) => self.reference(reference, at),
            View::Record(_, parts) | View::Sequence(parts) if self.is_new(parts.as_ptr()) => {
                parts.iter().for_each(|part| self.value(part, at));
            }
            View::Set(items) if self.is_new(items) => items.iter().for_each(|item| self.value(item, at)),
            View::Map(entries) if self.is_new(entries) => entries.iter().for_each(|(key, value)| {
                self.value(key, at);
                self.value(value, at);
            }),
            _ => {}
        }
    }

    /// A handle, or something else that leads to this one.
    fn reference(&mut self, reference: &Reference, at: At) {
        if let Some(promise) = reference.to_resolve() {
            return self.reference(&promise, At::Nowhere);
        }
        if !reference.has_referent() || ![self.tower, TowerId::NONE].contains(&reference.tower()) {
            return;
        }
        let id = reference.id();
        if reference.is_object() {
            let handles = self.handles.entry(id).or_default();
            match at {
                At::Queue => handles.queued += 1,
                At::Promise => handles.promised += 1,
                At::Name => handles.named += 1,
                At::Nowhere => {}
            }
        }
        let path = &self.path;
        let agenda = &mut self.agenda;
        let found = self.found.entry(id).or_insert_with(|| {
            agenda.push(id);
            let what = What::Promise(reference.clone());
            Found { what, vms: SmallVec::new(), decider: None, followers: Vec::new(), waiter: None }
        });
        found.see_from(path);
    }

    fn decides(&mut self, id: ReferenceId, decides: Decides) {
        if let Some(found) = self.found.get_mut(&id) {
            found.decider.get_or_insert(decides);
        }
    }

    /// Looks into something that was found.
    fn look_into(&mut self, id: ReferenceId) {
        let Some(Found { what: What::Promise(reference), vms, .. }) = self.found.get(&id) else { return };
        let reference = reference.clone();
        if let Some(path) = vms.first() {
            self.path = path.clone();
        }
        // Nothing here looks into another promise, so no other lock is taken meanwhile.
        let what = match reference.state().as_deref() {
            Some(PromiseState::Open(Open { whens, waiting, forward, .. })) => {
                whens.as_slice().iter().for_each(|when| self.when(id, when));
                waiting.iter().for_each(|sending| self.waits(id, sending));
                forward.iter().for_each(|here| self.reference(here, At::Promise));
                return;
            }
            Some(PromiseState::Draining(draining)) => {
                let Draining { to, waiting, whens } = &**draining;
                whens.as_slice().iter().for_each(|when| self.when(id, when));
                waiting.iter().for_each(|sending| self.waits(id, sending));
                to.iter().for_each(|to| self.reference(to, At::Promise));
                return;
            }
            Some(PromiseState::Settled(value)) => {
                self.value(value, At::Promise);
                if let Some(next) = value.as_reference()
                    && let Some(next) = self.found.get_mut(&next.id())
                {
                    next.followers.push(id);
                    return;
                }
                What::Over
            }
            Some(PromiseState::There(There { place, .. })) => {
                What::Object(DumpedPlace { vm: place.site.vm().clone(), pid: place.pid })
            }
            Some(PromiseState::Ending(..) | PromiseState::Broken { .. } | PromiseState::Waived) | None => {
                What::Over
            }
        };
        if let Some(found) = self.found.get_mut(&id) {
            found.what = what;
        }
    }

    fn waits(&mut self, at: ReferenceId, sending: &Sending) {
        sending.parts().iter().for_each(|part| self.value(part, At::Promise));
        self.reference(sending.to(), At::Promise);
        self.owed(&sending.owed, Decides::Waiting(at));
    }

    /// Somebody waits at this promise.
    fn when(&mut self, at: ReferenceId, when: &When) {
        let promise = match when {
            When::Process(waiter) => {
                self.waits_at.insert(waits(waiter), at);
                if let Some(found) = self.found.get_mut(&at) {
                    found.see_from(waiter.site.vm());
                }
                return;
            }
            When::Gathering(gathering, _) => gathering.promise(),
            When::Duct(duct) => duct.promised().map(|(promise, _)| promise),
            When::Host(_) => return,
        };
        let Some(promise) = promise else { return };
        self.reference(&promise, At::Nowhere);
        if let When::Gathering(gathering, _) = when {
            self.decides(promise.id(), Decides::Several { missing: gathering.missing() });
        }
    }
}

impl Found {
    fn see_from(&mut self, path: &Arc<[Pid]>) {
        if !self.vms.contains(path) {
            self.vms.push(path.clone());
        }
    }
}

fn waits(waiter: &Waiter) -> Waits {
    (waiter.site.vm().clone(), waiter.pid, waiter.kept)
}

/// The process to which a duct leads, if it leads to one.
pub(super) fn place_of(back: &Back) -> Option<DumpedPlace> {
    match back {
        Back::Process { vm, pid } => Some(DumpedPlace { vm: vm.clone(), pid: *pid }),
        Back::Host(_) | Back::Promise(_) => None,
    }
}
