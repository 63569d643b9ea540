//! The slots of a vat.

use std::collections::HashMap;

use marketplace::objects::*;
use marketplace::prelude::*;

/// The things for which the slots of a vat stand. Objects of its own are not kept, those of others
/// are.
#[derive(Default)]
pub(super) struct Slots {
    entries: HashMap<String, Entry>,
    /// The slot of each reference, which is only shown.
    by_reference: HashMap<Reference, String>,
    objects: u64,
    promises: u64,
    /// How many objects of its own were made: a slot may be made again.
    generation: u64,
}

pub(super) enum Entry {
    /// An object of its own, until nobody has it any more.
    Own { object: WeakFar<()>, shown: Reference, generation: u64 },
    /// An object of somebody else's.
    Import(Reference),
    /// A promise, and what settles it if the vat is to do that.
    Promise { reference: Reference, resolver: Option<Resolver<Value>> },
}

const FIRST_OBJECT: u64 = 50;
const FIRST_PROMISE: u64 = 60;

impl Slots {
    pub(super) fn get(&self, slot: &str) -> Option<&Entry> {
        self.entries.get(slot)
    }

    pub(super) fn get_mut(&mut self, slot: &str) -> Option<&mut Entry> {
        self.entries.get_mut(slot)
    }

    pub(super) fn slot_of(&self, reference: &Reference) -> Option<&String> {
        self.by_reference.get(reference)
    }

    /// A slot for what was never heard of: of a promise if it is one.
    pub(super) fn import(&mut self, reference: &Reference) -> String {
        let is_object = matches!(settlement(reference), Settlement::Object(object) if object == *reference);
        let (slot, entry) = if is_object {
            self.objects += 1;
            (format!("o-{}", FIRST_OBJECT + self.objects - 1), Entry::Import(reference.clone()))
        } else {
            (self.fresh_promise(), Entry::Promise { reference: reference.clone(), resolver: None })
        };
        self.put(slot.clone(), reference, entry);
        slot
    }

    pub(super) fn fresh_promise(&mut self) -> String {
        self.promises += 1;
        format!("p-{}", FIRST_PROMISE + self.promises - 1)
    }

    pub(super) fn put(&mut self, slot: String, reference: &Reference, entry: Entry) {
        self.by_reference.insert(reference.shown(), slot.clone());
        self.entries.insert(slot, entry);
    }

    /// Puts an object of the vat's own. Says which one at this slot it is.
    pub(super) fn put_own(&mut self, slot: &str, object: &Far<()>) -> u64 {
        let generation = self.generation;
        self.generation += 1;
        self.remove(slot);
        let entry = Entry::Own { object: weak(object), shown: object.as_ref().shown(), generation };
        self.put(slot.into(), object.as_ref(), entry);
        generation
    }

    /// Nobody has an object of the vat any more. Says whether that is the one at the slot.
    pub(super) fn release(&mut self, slot: &str, released: u64) -> bool {
        match self.entries.get(slot) {
            Some(Entry::Own { generation, .. }) if *generation == released => {
                self.remove(slot);
                true
            }
            _ => false,
        }
    }

    pub(super) fn remove(&mut self, slot: &str) -> Option<Entry> {
        let entry = self.entries.remove(slot)?;
        match &entry {
            Entry::Import(reference)
            | Entry::Promise { reference, .. }
            | Entry::Own { shown: reference, .. } => self.by_reference.remove(reference),
        };
        Some(entry)
    }

    /// The resolvers of the promises that the vat was to settle, in the order of their slots.
    pub(super) fn take_resolvers(&mut self) -> Vec<Resolver<Value>> {
        let mut open: Vec<_> = self
            .entries
            .iter_mut()
            .filter_map(|(slot, entry)| match entry {
                Entry::Promise { resolver, .. } => Some((slot.clone(), resolver.take()?)),
                _ => None,
            })
            .collect();
        open.sort_by(|one, other| (one.0.len(), &one.0).cmp(&(other.0.len(), &other.0)));
        open.into_iter().map(|(_, resolver)| resolver).collect()
    }
}

/// The vat has named what it was never given.
pub(super) struct Illegal(pub(super) String);

impl From<Illegal> for String {
    fn from(Illegal(why): Illegal) -> Self {
        why
    }
}

/// Whether this is a slot: of which kind, and whether the vat has allocated it.
pub(super) fn parse(slot: &str) -> Result<(char, bool), Illegal> {
    let mut chars = slot.chars();
    let (kind, sign, number) = (chars.next(), chars.next(), chars.as_str());
    let is_number = !number.is_empty() && number.len() < 19 && number.bytes().all(|c| c.is_ascii_digit());
    match (kind, sign) {
        (Some(kind @ ('o' | 'p')), Some(sign @ ('+' | '-'))) if is_number => Ok((kind, sign == '+')),
        _ => Err(Illegal(format!("there is no such slot: {slot}"))),
    }
}
