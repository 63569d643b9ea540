//! Records that are made again and again of the same parts, such as the addresses of a connection.
//!
//! As long as somebody says so, the record that was made first is given again. So all who have it
//! share it: it is compared at a glance, and keeps its hash.

use std::cell::RefCell;
use std::num::NonZeroU32;
use std::sync::{Arc, Weak};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::hashed::hash_to_keep;
use super::{Repr, Value};
use crate::data::hash::mix;
use crate::data::message::Message;
use crate::data::symbol::{Label, Symbol};
use crate::data::text::Text;

thread_local! {
    static KNOWN: RefCell<HashTable<Known>> = const { RefCell::new(HashTable::new()) };
}

/// A record that is given again, and what it is made of.
struct Known {
    key: u64,
    label: &'static Label,
    fields: Fields,
    record: Value,
    /// Gone, if nobody wants it to be shared any more.
    wanted: Weak<Wanted>,
}

/// As long as it is there, records like that of this message are shared on this thread, if the
/// message is of a type whose records are shared, and its one or two fields are texts and integers:
/// so nothing is kept for whose drop somebody may wait.
///
/// If it is dropped on another thread, the thread on which it was made keeps the record until its
/// table is full again; and if it shares nothing any more, for ever. Those are never more than were
/// shared there at once.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sharing(#[allow(dead_code, reason = "it is there to be dropped")] Option<Arc<Wanted>>);

/// The key of a record that is wanted.
#[derive(Debug)]
struct Wanted(u64);

/// The identity of a field: fields of one identity are the same.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64);

impl Identity {
    /// Texts have other identities than integers.
    const TEXT: u64 = 1 << 63;

    /// No field has it: it stands where a record has no field. (A text lies below the last byte of
    /// memory.)
    const NONE: Self = Self(u64::MAX);

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

/// How many fields a shared record may have.
const MOST: usize = 2;

/// The identities of the fields of a record.
type Fields = [Identity; MOST];

impl Sharing {
    /// Shares the records like that of this message.
    #[must_use]
    pub fn of(message: &impl Message) -> Self {
        let record = message.to_value();
        let Some((label, _)) = record.label_and_arity() else { return Self(None) };
        let fields: Vec<_> = record.fields().iter().map(Value::identity).collect();
        let Some(fields) = together(&fields) else { return Self(None) };
        let key = key(label, &fields);
        // A thread that is ending shares nothing any more.
        let wanted = KNOWN.try_with(|known| {
            let known = &mut *known.borrow_mut();
            if known.len() == known.capacity() {
                // Some may have been let go of on another thread.
                known.retain(|known| known.wanted.strong_count() > 0);
            }
            match known.entry(key, |known| known.is_made_of(label, &fields), |known| known.key) {
                Entry::Occupied(mut found) => found.get_mut().wanted(),
                Entry::Vacant(place) => {
                    let record = record.keeping_hash(label);
                    let mut new = Known { key, label, fields, record, wanted: Weak::new() };
                    let wanted = new.wanted();
                    place.insert(new);
                    wanted
                }
            }
        });
        Self(wanted.ok())
    }
}

impl Known {
    #[inline]
    fn is_made_of(&self, label: &'static Label, fields: &Fields) -> bool {
        self.fields == *fields && std::ptr::eq(self.label, label)
    }

    fn wanted(&mut self) -> Arc<Wanted> {
        self.wanted.upgrade().unwrap_or_else(|| {
            let wanted = Arc::new(Wanted(self.key));
            self.wanted = Arc::downgrade(&wanted);
            wanted
        })
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        let _ = KNOWN.try_with(|known| {
            let known = &mut *known.borrow_mut();
            let is_it = |known: &Known| known.key == self.0 && known.wanted.strong_count() == 0;
            if let Ok(found) = known.find_entry(self.0, is_it) {
                found.remove();
            }
            if known.len() * 8 < known.capacity() {
                known.shrink_to(known.len() * 2, |known| known.key);
            }
        });
    }
}

impl Value {
    /// A record of known arity, as [`Value::from_array`] makes it of these parts; or one of fields
    /// of the same identities that is shared.
    #[inline]
    pub(crate) fn shared_from_array<const FIELDS: usize, const N: usize>(
        label: &'static Label,
        fields: [Option<Identity>; FIELDS],
        parts: impl FnOnce() -> [Self; N],
    ) -> Self {
        let known = together(&fields).and_then(|fields| known(label, fields));
        known.unwrap_or_else(|| Self::from_array(label, parts()))
    }

    /// The hash that the record keeps.
    #[inline]
    pub(crate) fn kept_hash(&self) -> Option<NonZeroU32> {
        match &self.0 {
            Repr::Record { parts, .. } => parts.first()?.as_symbol()?.kept_hash(),
            _ => None,
        }
    }

    /// A record of the same fields that keeps its hash.
    fn keeping_hash(&self, label: &'static Label) -> Self {
        let mut copy = Self::record(Symbol::from_label(label), self.fields().iter().cloned());
        let hash = hash_to_keep(&copy);
        if let Repr::Record { parts, .. } = &mut copy.0
            && let Some(place) = triomphe::Arc::get_mut(parts).and_then(|parts| parts.first_mut())
        {
            *place = Symbol::keeping(label, hash).into();
        }
        copy
    }
}

/// The identities of these fields. `None`: their record is not to be shared.
#[inline(always)]
fn together(fields: &[Option<Identity>]) -> Option<Fields> {
    if fields.is_empty() {
        return None;
    }
    let mut all = [Identity::NONE; MOST];
    for (at, field) in fields.iter().enumerate() {
        *all.get_mut(at)? = (*field)?;
    }
    Some(all)
}

/// Tells records apart.
#[inline]
fn key(label: &'static Label, fields: &Fields) -> u64 {
    fields.iter().fold(label.hash_code(), |key, field| mix(key, field.0))
}

/// The shared record of this label and fields of these identities, if there is one.
#[inline(never)]
fn known(label: &'static Label, fields: Fields) -> Option<Value> {
    let found = KNOWN.try_with(|known| {
        let known = known.borrow();
        let found = known.find(key(label, &fields), |known| known.is_made_of(label, &fields))?;
        match &found.record.0 {
            Repr::Record { nesting, bytes, parts } => {
                Some(Value(Repr::Record { nesting: *nesting, bytes: *bytes, parts: parts.clone() }))
            }
            _ => None,
        }
    });
    found.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::opaque::Opaque;
    use crate::data::value::View;
    use crate::data::value::hashed::hash_value;

    static PEER: Label = Label::new("peer");
    static OTHER: Label = Label::new("other");

    /// A peer, as the derive makes one of a type whose records are shared.
    #[derive(Clone)]
    struct Peer(Text, u16);

    impl Message for Peer {
        type Gives = Self;
        fn to_value(&self) -> Value {
            made(&PEER, &self.0, self.1)
        }
        fn from_value(_: &Value) -> Option<Self> {
            None
        }
    }

    fn made(label: &'static Label, host: &Text, port: u16) -> Value {
        let parts = || [Value::UNIT, host.to_value(), port.to_value()];
        Value::shared_from_array(label, [host.identity(), port.identity()], parts)
    }

    /// Where the parts of a record lie.
    fn place(record: &Value) -> *const Value {
        record.fields().as_ptr()
    }

    #[test]
    fn a_record_of_the_same_parts_is_given_again_while_somebody_wants_it() {
        let host = Text::from("::1");
        let peer = Peer(host.clone(), 80);
        let (alone, also) = (peer.to_value(), peer.to_value());
        assert_ne!(place(&alone), place(&also), "nobody wants them to be one");
        let sharing = Sharing::of(&peer);
        let first = peer.to_value();
        assert_eq!(first, Value::record("peer", ["::1".into(), 80.into()]));
        assert_eq!(place(&peer.to_value()), place(&first));
        for (label, host, port) in [(&PEER, &host, 81), (&OTHER, &host, 80), (&PEER, &Text::from("::2"), 80)]
        {
            assert_ne!(made(label, host, port), first);
        }
        assert_eq!(Peer(Text::from("::1"), 80).to_value(), first, "it has a text of its own");
        let other = Sharing::of(&peer);
        drop(sharing);
        assert_eq!(place(&peer.to_value()), place(&first), "somebody wants it still");
        drop(other);
        assert_ne!(place(&peer.to_value()), place(&first));
    }

    #[test]
    fn a_record_keeps_the_hash_that_it_has() {
        let peer = Peer("::1".into(), 80);
        let plain = peer.to_value();
        let _sharing = Sharing::of(&peer);
        let shared = peer.to_value();
        assert!(shared.kept_hash().is_some());
        assert_eq!((plain.kept_hash(), &plain), (None, &shared));
        assert_eq!(hash_value(&shared), hash_value(&plain));
        assert_ne!(hash_value(&shared), hash_value(&Peer("::1".into(), 81).to_value()));
    }

    #[test]
    fn no_other_record_has_the_hash_with_the_label() {
        let peer = Peer("::1".into(), 80);
        let _sharing = Sharing::of(&peer);
        let shared = peer.to_value();
        let View::Record(label, fields) = shared.view() else { panic!("{shared} is a record") };
        let other = Value::record(label.clone(), [fields[0].clone(), 81.into()]);
        assert_eq!(other.kept_hash(), None);
        assert_eq!(Value::from(label.clone()), Value::from(Symbol::new("peer")));
    }

    /// A secret text prints as it is to be shown: it is no other text that is equal.
    #[test]
    fn what_somebody_may_wait_for_is_not_shared() {
        let (secret, large) = (Text::with_secret("key", ".."), u64::MAX);
        let identities = [
            Opaque::new(7).identity(),
            secret.identity(),
            vec![1].identity(),
            large.identity(),
            (-1).identity(),
        ];
        assert_eq!(identities, [None; 5]);
        let peer = Peer(secret, 80);
        let _sharing = Sharing::of(&peer);
        assert_ne!(place(&peer.to_value()), place(&peer.to_value()));
        assert!(Sharing::of(&7u8).0.is_none());
        assert_eq!(Value::shared_from_array(&PEER, [], || [Value::UNIT]), Value::record("peer", []));
        let fields = [1, 2, 3].map(Value::from);
        assert!(together(&fields.each_ref().map(Message::identity)).is_none(), "it has too many fields");
    }

    fn known_records() -> (usize, usize) {
        KNOWN.with(|known| (known.borrow().len(), known.borrow().capacity()))
    }

    #[test]
    fn nothing_is_kept_that_nobody_wants() {
        let host = Text::from("::1");
        let many = || (0..1_000).map(|port| Sharing::of(&Peer(host.clone(), port))).collect::<Vec<_>>();
        let all = many();
        assert_eq!(known_records().0, 1_000);
        drop(all);
        assert_eq!(known_records(), (0, 0));
        // Another thread lets go of them.
        for _ in 0..10 {
            let all = many();
            std::thread::spawn(|| drop(all)).join().unwrap();
            assert!(known_records().1 < 4_000);
        }
    }
}
