//! The calls of a vat, and what becomes of them.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{IntoActionTree, View};

use crate::beginning::beginning;
use crate::marshal;
use crate::process::slots::{Entry, Illegal, Slots, parse};
use crate::process::{Shown, Vat, object, reasons};
use crate::tables::{Tables, VatId};
use crate::wall::{Body, Settled, Syscalls};

/// Where the calls of a vat are turned into actions of its process.
pub(crate) struct Desk {
    id: VatId,
    tables: Tables,
    slots: Slots,
    /// The actions that are to be done when the turn is over, in order.
    asked: Vec<ActionTree<Vat>>,
    /// The resolvers of promises that were settled in this turn: these break, if the turn fails.
    settling: Vec<Resolver<Value>>,
    /// The vat has named what it was never given: it is to end.
    pub(super) illegal: Option<String>,
    wanted: Vec<Text>,
    /// Objects of which the vat has not heard yet that nobody else has them any more.
    released: Vec<String>,
}

impl Desk {
    pub(super) fn new(id: VatId, tables: Tables, root: &Far<()>) -> Self {
        let mut slots = Slots::default();
        slots.put_own("o+0", root);
        Self {
            id,
            tables,
            slots,
            asked: Vec::new(),
            settling: Vec::new(),
            illegal: None,
            wanted: Vec::new(),
            released: Vec::new(),
        }
    }

    /// Asks for something, behind what was asked for.
    pub(super) fn ask(&mut self, actions: impl IntoActionTree<Vat>) {
        self.asked.push(actions.into_action_tree());
    }

    pub(super) fn take_asked(&mut self) -> ActionTree<Vat> {
        self.settling.clear();
        std::mem::take(&mut self.asked).into_action_tree()
    }

    /// The slot of something that comes in.
    pub(super) fn slot_of(&mut self, reference: &Reference) -> String {
        if let Some(slot) = self.slots.slot_of(reference) {
            return slot.clone();
        }
        let slot = self.slots.import(reference);
        self.tables.bind(self.id, &slot, reference);
        slot
    }

    /// A promise that the vat is to settle.
    pub(super) fn decide(&mut self, promise: &Promise<Value>, resolver: Resolver<Value>) -> String {
        let (slot, reference) = (self.slots.fresh_promise(), reference_of(promise));
        self.put_promise(&slot, &reference, Some(resolver));
        slot
    }

    /// A promise that the vat is to settle, and that is in no table.
    pub(super) fn decide_unshown(&mut self, promise: &Promise<Value>, resolver: Resolver<Value>) -> String {
        let (slot, reference) = (self.slots.fresh_promise(), reference_of(promise));
        let entry = Entry::Promise { reference: reference.clone(), resolver: Some(resolver) };
        self.slots.put(slot.clone(), &reference, entry);
        slot
    }

    fn put_promise(&mut self, slot: &str, reference: &Reference, resolver: Option<Resolver<Value>>) {
        self.tables.bind(self.id, slot, reference);
        if resolver.is_some() {
            self.tables.decides(self.id, reference, true);
        }
        let entry = Entry::Promise { reference: reference.clone(), resolver };
        self.slots.put(slot.into(), reference, entry);
    }

    /// Nobody has an object of the vat any more.
    pub(super) fn released(&mut self, slot: &str, generation: u64) {
        if self.slots.release(slot, generation) {
            self.tables.unbind(self.id, slot);
            self.released.push(slot.into());
        }
    }

    /// A promise is settled.
    pub(super) fn note_settled(&mut self, slot: &str, with: &Result<Value, Reason>) {
        let Some(Entry::Promise { reference, .. }) = self.slots.get(slot) else { return };
        let (state, resolution) = match with {
            Ok(value) => match value.view() {
                View::Reference(object) => {
                    ("fulfilledToPresence", self.tables.name_of(object).unwrap_or_else(|| beginning(value)))
                }
                _ => ("fulfilledToData", beginning(value)),
            },
            Err(reason) => ("rejected", beginning(reason)),
        };
        self.tables.subscribe(self.id, reference, false);
        self.tables.settle(reference, state, resolution);
    }

    /// The vat ends: what it asked for in this turn is dropped, what it was to settle is broken.
    pub(super) fn end(&mut self, why: &Reason) -> ActionTree<Vat> {
        self.asked.clear();
        let open = self.slots.take_resolvers();
        let broken = std::mem::take(&mut self.settling).into_iter().chain(open);
        let broken = broken.map(|resolver| resolver.break_because(Broken::Gone(why.clone())));
        broken.collect::<Vec<_>>().into_action_tree()
    }

    /// The thing for which a slot of the vat stands.
    fn reference(&mut self, slot: &str) -> Result<Reference, Illegal> {
        match self.slots.get(slot) {
            Some(Entry::Import(reference) | Entry::Promise { reference, .. }) => return Ok(reference.clone()),
            Some(Entry::Own { object, .. }) => {
                if let Some(object) = object.upgrade() {
                    return Ok(object.into());
                }
            }
            None => {}
        }
        match parse(slot)? {
            ('o', true) => Ok(self.export(slot)),
            ('p', true) => {
                let (promise, resolver) = promise::<Value>();
                let reference = reference_of(&promise);
                self.put_promise(slot, &reference, Some(resolver));
                Ok(reference)
            }
            _ => Err(Illegal(format!("it named {slot}, which it was never given"))),
        }
    }

    /// A new object of the vat.
    fn export(&mut self, slot: &str) -> Reference {
        let (far, here) = reference::<()>();
        let generation = self.slots.put_own(slot, &far);
        self.tables.unbind(self.id, slot);
        self.tables.bind(self.id, slot, far.as_ref());
        self.ask(object(here, slot.into(), generation));
        far.into()
    }

    fn read_body(&mut self, body: &Body) -> Result<Value, Wrong> {
        let mut slots = Vec::with_capacity(body.slots.len());
        for slot in &body.slots {
            slots.push(self.reference(slot)?.into());
        }
        marshal::read(&body.text, &slots).map_err(|why| Wrong::Told(why.to_string()))
    }

    /// An error of a call, as the vat is told it.
    fn outcome(&mut self, done: Result<(), Wrong>) -> Result<(), String> {
        match done {
            Ok(()) => Ok(()),
            Err(Wrong::Told(why)) => Err(why),
            Err(Wrong::Ends(why)) => {
                self.illegal.get_or_insert_with(|| why.clone());
                Err(why)
            }
        }
    }

    fn post(
        &mut self,
        target: &str,
        method: Option<&str>,
        arguments: &Body,
        result: Option<String>,
    ) -> Result<(), Wrong> {
        let to = self.reference(target)?;
        let arguments = self.read_body(arguments)?;
        let View::Sequence(arguments) = arguments.view() else {
            return Err(Wrong::Told("the arguments of a message are a list".into()));
        };
        let verb = method.map(|method| Value::from(Symbol::new(method)));
        let parts: Vec<_> = verb.into_iter().chain(arguments.iter().cloned()).collect();
        let mut sent = None;
        let asked = tell(|cx| sent = Some(send_parts(cx, &to, parts)));
        let Some(Ok(answer)) = sent else { return Err(Wrong::Told("the message nests too deep".into())) };
        let Some(result) = result else {
            drop(answer);
            self.ask(asked);
            return Ok(());
        };
        self.ask(asked);
        match self.slots.get_mut(&result) {
            Some(Entry::Promise { reference, resolver, .. }) => {
                let Some(resolver) = resolver.take() else {
                    return Err(Wrong::Ends(format!("it gave {result} away, which it does not decide")));
                };
                let reference = reference.clone();
                self.settling.push(resolver.clone());
                self.tables.decides(self.id, &reference, false);
                self.ask(resolver.follow(&answer));
            }
            _ => match parse(&result)? {
                ('p', true) => {
                    let reference = reference_of(&answer);
                    self.put_promise(&result, &reference, None);
                }
                _ => return Err(Wrong::Ends(format!("it gave {result} away, which it does not decide"))),
            },
        }
        Ok(())
    }

    fn await_settled(&mut self, slot: &str) -> Result<(), Wrong> {
        if parse(slot)?.0 != 'p' {
            return Err(Wrong::Ends(format!("it subscribed to {slot}, which is no promise")));
        }
        let reference = self.reference(slot)?;
        if let Some(Entry::Promise { reference, .. }) = self.slots.get(slot) {
            self.tables.subscribe(self.id, reference, true);
        }
        let slot = slot.to_string();
        self.ask(when(promise_of(&reference), move |mut vat: Vat, settled| {
            let told = vat.notify(&slot, settled);
            transition!(vat, told)
        }));
        Ok(())
    }

    fn settled(&mut self, slot: &str, how: Settled, body: &Body) -> Result<(), Wrong> {
        if parse(slot)?.0 != 'p' {
            return Err(Wrong::Ends(format!("it settled {slot}, which is no promise")));
        }
        let value = match how {
            Settled::Presence => {
                let slot = body.slots.first().ok_or_else(|| Wrong::Told("there is no presence".into()))?;
                self.reference(slot)?.into()
            }
            Settled::Data | Settled::Rejected => self.read_body(body)?,
        };
        // A promise that nobody else has heard of yet is made now.
        self.reference(slot)?;
        let Some(Entry::Promise { reference, resolver, .. }) = self.slots.get_mut(slot) else {
            return Err(Wrong::Ends(format!("it settled {slot}, which is no promise")));
        };
        let Some(resolver) = resolver.take() else {
            return Err(Wrong::Ends(format!("it settled {slot}, which it does not decide")));
        };
        let reference = reference.clone();
        self.settling.push(resolver.clone());
        match how {
            Settled::Rejected => {
                let reason = reasons::reason(value);
                self.tables.settle(&reference, "rejected", beginning(&reason));
                self.ask(resolver.break_because(reason));
            }
            Settled::Presence => {
                let name = reference_name(&self.tables, &value);
                self.tables.settle(&reference, "fulfilledToPresence", name);
                self.ask(resolver.fulfill(value));
            }
            Settled::Data => {
                let value = self.with_wanted(value);
                self.tables.settle(&reference, "fulfilledToData", beginning(&value));
                self.ask(resolver.fulfill(value));
            }
        }
        Ok(())
    }

    /// The answer of a shell's vat has with it what its line called for.
    fn with_wanted(&mut self, value: Value) -> Value {
        match value.view() {
            View::Record(label, [text]) if label.as_str() == "Shown" => match text.view() {
                View::Text(text) => {
                    Shown { text: text.clone(), wanted: std::mem::take(&mut self.wanted) }.into_value()
                }
                _ => value,
            },
            _ => value,
        }
    }
}

/// Why a call is not performed.
enum Wrong {
    /// The vat is told.
    Told(String),
    /// The vat ends.
    Ends(String),
}

impl From<Illegal> for Wrong {
    fn from(Illegal(why): Illegal) -> Self {
        Self::Ends(why)
    }
}

impl Syscalls for Desk {
    fn send(
        &mut self,
        target: &str,
        method: Option<&str>,
        arguments: &Body,
        result: Option<String>,
    ) -> Result<(), String> {
        let sent = self.post(target, method, arguments, result);
        self.outcome(sent)
    }

    fn subscribe(&mut self, promise: &str) -> Result<(), String> {
        let subscribed = self.await_settled(promise);
        self.outcome(subscribed)
    }

    fn settle(&mut self, promise: &str, how: Settled, body: &Body) -> Result<(), String> {
        let settled = self.settled(promise, how, body);
        self.outcome(settled)
    }

    fn retire(&mut self, promise: &str) {
        if let Some(Entry::Promise { .. }) = self.slots.remove(promise) {
            self.tables.unbind(self.id, promise);
        }
    }

    fn take_released(&mut self) -> Vec<String> {
        std::mem::take(&mut self.released)
    }

    fn want(&mut self, what: String) {
        self.wanted.push(what.into());
    }
}

fn reference_name(tables: &Tables, value: &Value) -> String {
    match value.view() {
        View::Reference(reference) => tables.name_of(reference).unwrap_or_else(|| beginning(value)),
        _ => beginning(value),
    }
}

/// The reference that a promise is.
fn reference_of(promise: &Promise<Value>) -> Reference {
    Reference::from_value(&promise.to_value())
        .unwrap_or_else(|| unreachable!("an open promise is a reference"))
}

/// The thing for which a reference stands, as something that one can wait for.
fn promise_of(reference: &Reference) -> Promise<Value> {
    let value = reference.to_value();
    Promise::from_value(&value).unwrap_or_else(|| Promise::from(value))
}
