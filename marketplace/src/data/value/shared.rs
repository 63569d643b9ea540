//! Records that are made again and again of the same parts, such as the addresses of peers.
//!
//! A record that was made before is given again, so as a rule all who have it share it: it is
//! compared at a glance, and keeps its hash. A packet over TCP takes 1,300 instructions less.

use std::cell::RefCell;
use std::mem;
use std::num::NonZeroU32;

use triomphe::Arc;

use super::hashed::hash_to_keep;
use super::{Repr, Value};
use crate::data::hash::{SEED, mix};
use crate::data::message::Message;
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;

/// How many records are known at first, and at most.
const LEAST: usize = 16;
const MOST: usize = 8192;

thread_local! {
    static KNOWN: RefCell<Known> = const { RefCell::new(Known(Vec::new())) };
}

/// The identity of a field: fields of one identity are the same.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64);

impl Identity {
    /// Texts have other identities than integers.
    const TEXT: u64 = 1 << 63;

    /// That of an integer: a large or negative one has none.
    #[inline]
    pub(crate) fn of_int(n: i128) -> Option<Self> {
        u64::try_from(n).ok().filter(|n| *n < Self::TEXT).map(Self)
    }

    /// That of a text, without a look at it: where it lies, if there is no secret in it.
    #[inline]
    pub(crate) fn of_text(text: &Text) -> Option<Self> {
        Some(Self(text.address()? as u64 | Self::TEXT))
    }
}

/// Records by the identity of their parts, each in one of two places beside each other. A place
/// without one has the unit.
struct Known(Vec<Value>);

impl Value {
    /// A record of known arity, as [`Value::from_array`] makes it of these parts. It may be shared
    /// with those that were made on this thread of fields of the same identities. If one of the
    /// fields has none, it is not shared: so nothing is kept for whose drop somebody may wait.
    #[inline]
    pub(crate) fn shared_from_array<const FIELDS: usize, const N: usize>(
        label: &'static Label,
        fields: [Option<Identity>; FIELDS],
        parts: impl FnOnce() -> [Self; N],
    ) -> Self {
        known(label, &fields).unwrap_or_else(|| first(label, &fields, parts()))
    }

    /// The hash that the record keeps.
    #[inline]
    pub(super) fn kept_hash(&self) -> Option<NonZeroU32> {
        match &self.0 {
            Repr::Record { parts, .. } => parts.first()?.as_symbol()?.kept_hash(),
            _ => None,
        }
    }

    /// Whether it is the field of this identity of a record in the table.
    #[inline]
    fn has(&self, identity: &Identity) -> bool {
        match &self.0 {
            // It is not too large to have one.
            Repr::Int(n) => n.0 as u64 == identity.0,
            Repr::Text(text) => Identity::of_text(text) == Some(*identity),
            _ => false,
        }
    }

    /// The record, if it has this label and fields of these identities.
    #[inline]
    fn of_fields(&self, label: &'static Label, fields: &[Option<Identity>]) -> Option<Self> {
        let Repr::Record { nesting, bytes, parts } = &self.0 else { return None };
        let [Self(Repr::Symbol(own)), own_fields @ ..] = &**parts else { return None };
        let has =
            |(own, field): (&Self, &Option<Identity>)| field.as_ref().is_some_and(|field| own.has(field));
        let is_it =
            own.is(label) && own_fields.len() == fields.len() && own_fields.iter().zip(fields).all(has);
        is_it.then(|| Self(Repr::Record { nesting: *nesting, bytes: *bytes, parts: parts.clone() }))
    }

    /// Whether nobody has it but the table.
    fn is_forgotten(&self) -> bool {
        match &self.0 {
            Repr::Record { parts, .. } => Arc::is_unique(parts),
            _ => true,
        }
    }
}

/// Tells records apart. `None`: they are not to be shared.
#[inline]
fn key<'i>(label: &'static Label, fields: impl IntoIterator<Item = &'i Option<Identity>>) -> Option<u64> {
    let (seed, mut key) = (mix(SEED, label.hash_code()), None);
    for field in fields {
        key = Some(mix(key.unwrap_or(seed), field.as_ref()?.0));
    }
    key
}

/// The record of this label and fields of these identities, if there is one.
#[inline(never)]
fn known(label: &'static Label, fields: &[Option<Identity>]) -> Option<Value> {
    let key = key(label, fields)?;
    // A thread that is ending shares nothing any more.
    KNOWN.try_with(|known| known.borrow().find(key, label, fields)).ok().flatten()
}

/// A record that is not known yet.
#[inline(never)]
fn first<const N: usize>(label: &'static Label, fields: &[Option<Identity>], parts: [Value; N]) -> Value {
    let mut record = Value::from_array(label, parts);
    let Some(key) = key(label, fields) else { return record };
    let hash = hash_to_keep(&record);
    if let Repr::Record { parts, .. } = &mut record.0
        && let Some(place) = Arc::get_mut(parts).and_then(|parts| parts.first_mut())
    {
        *place = Symbol::keeping(label, hash.get()).into();
    }
    let _ = KNOWN.try_with(|known| known.borrow_mut().note(key, &record));
    record
}

impl Known {
    /// The first of the two places.
    #[inline]
    fn place(&self, key: u64) -> usize {
        key as usize & self.0.len().wrapping_sub(2)
    }

    #[inline]
    fn find(&self, key: u64, label: &'static Label, fields: &[Option<Identity>]) -> Option<Value> {
        let [first, second, ..] = self.0.get(self.place(key)..)? else { return None };
        first.of_fields(label, fields).or_else(|| second.of_fields(label, fields))
    }

    /// Keeps the record in the place of one that nobody has. There is more room if two have those
    /// places that somebody has.
    fn note(&mut self, key: u64, record: &Value) {
        loop {
            let at = self.place(key);
            let places = self.0.get_mut(at..).unwrap_or_default();
            if let Some(place) = places.iter_mut().take(2).find(|known| known.is_forgotten()) {
                *place = record.clone();
                return;
            }
            if self.0.len() == MOST {
                // The one that came first goes.
                self.0.swap(at, at + 1);
                self.0[at + 1] = record.clone();
                return;
            }
            self.grow();
        }
    }

    fn grow(&mut self) {
        let size = (self.0.len() * 2).max(LEAST);
        let known = mem::replace(&mut self.0, vec![Value::UNIT; size]);
        for record in known.into_iter().filter(|known| !known.is_forgotten()) {
            let fields: Vec<_> = record.fields().iter().map(Value::identity).collect();
            let key = record.label_and_arity().and_then(|(label, _)| key(label, &fields));
            if let Some(key) = key {
                self.note(key, &record);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::opaque::Opaque;
    use crate::data::value::View;
    use crate::data::value::hashed::hash_value;

    static PEER: Label = Label::new("peer");
    static OTHER: Label = Label::new("other");

    fn peer(host: &Text, port: u16) -> Value {
        shared(&PEER, host, port)
    }

    fn shared(label: &'static Label, host: &Text, port: u16) -> Value {
        let parts = || [Value::UNIT, host.to_value(), port.to_value()];
        Value::shared_from_array(label, [host.identity(), port.identity()], parts)
    }

    /// Where the parts of a record lie.
    fn place(record: &Value) -> *const Value {
        record.fields().as_ptr()
    }

    #[test]
    fn a_record_of_the_same_parts_is_given_again() {
        let host = Text::from("::1");
        let first = peer(&host, 80);
        assert_eq!(first, Value::record("peer", ["::1".into(), 80.into()]));
        assert_eq!(place(&peer(&host, 80)), place(&first));
        for (label, port) in [(&PEER, 81), (&OTHER, 80)] {
            assert_ne!(shared(label, &host, port), first);
        }
        let alone = Value::shared_from_array(&PEER, [host.identity()], || [Value::UNIT, host.to_value()]);
        assert_ne!(alone, first);
        assert_ne!(peer(&Text::from("::2"), 80), first);
        assert_eq!(peer(&Text::from("::1"), 80), first, "it has a text of its own");
    }

    #[test]
    fn a_record_keeps_the_hash_that_it_has() {
        let shared = peer(&Text::from("::1"), 80);
        assert!(shared.kept_hash().is_some());
        let plain = Value::record("peer", ["::1".into(), 80.into()]);
        assert_eq!(plain.kept_hash(), None);
        assert_eq!(hash_value(&shared), hash_value(&plain));
        assert_ne!(hash_value(&shared), hash_value(&peer(&Text::from("::1"), 81)));
    }

    #[test]
    fn no_other_record_has_the_hash_with_the_label() {
        let shared = peer(&Text::from("::1"), 80);
        let View::Record(label, fields) = shared.view() else { panic!("{shared} is a record") };
        let other = Value::record(label.clone(), [fields[0].clone(), 81.into()]);
        assert_eq!(other.kept_hash(), None);
        assert_eq!(Value::from(label.clone()), Value::from(Symbol::new("peer")));
    }

    /// A secret text prints as it is to be shown: it is no other text that is equal.
    #[test]
    fn what_somebody_may_wait_for_is_not_kept() {
        let (secret, large) = (Text::with_secret("key", ".."), u64::MAX);
        let identities = [
            Opaque::new(7).identity(),
            secret.identity(),
            vec![1].identity(),
            large.identity(),
            (-1).identity(),
        ];
        assert_eq!(identities, [None; 5]);
        for (identity, part) in [(None, "a".into()), (secret.identity(), Value::from(secret.clone()))] {
            let made = || Value::shared_from_array(&PEER, [identity], || [Value::UNIT, part.clone()]);
            assert_ne!(place(&made()), place(&made()), "{part}");
            assert_eq!(made().kept_hash(), None);
        }
        assert_eq!(Value::shared_from_array(&PEER, [], || [Value::UNIT]), Value::record("peer", []));
    }

    fn room() -> usize {
        KNOWN.with(|known| known.borrow().0.len())
    }

    #[test]
    fn there_is_room_for_those_that_somebody_has_and_a_bound() {
        let host = Text::from("::1");
        (0..10_000).for_each(|port| drop(peer(&host, port)));
        assert_eq!(room(), LEAST, "nobody has them");
        let some: Vec<_> = (0..100).map(|port| peer(&host, port)).collect();
        assert!(some.iter().zip(0..).all(|(one, port)| place(&peer(&host, port)) == place(one)));
        let many: Vec<_> = (0..20_000).map(|port| peer(&host, port)).collect();
        assert_eq!(room(), MOST);
        assert!(many.iter().zip(0..).all(|(one, port)| peer(&host, port) == *one));
    }
}
