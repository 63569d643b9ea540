//! Equality of a tower's ducts, as numbers that say nothing else.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

use crate::conversation::duct::node::Node;
use crate::data::hash::{Folded, Map};

/// How many ducts the table may have before it is cleared of ducts that are gone.
const ROOM: usize = 64;

/// Of ducts that are equal: no others of the tower have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DuctClass(u64);

impl DuctClass {
    /// That of the empty duct.
    pub(super) const EMPTY: Self = Self(0);

    pub(super) const fn number(self) -> u64 {
        self.0
    }
}

/// The ducts of a tower that have been hashed. Equal ones are of one class.
pub(super) struct Classes {
    /// The ducts with their classes, by the hash of their contents.
    known: Map<u64, Vec<(Weak<Node>, DuctClass)>>,
    /// The class that was made last.
    last: DuctClass,
    /// How many ducts are in it.
    len: usize,
    room: usize,
}

impl Classes {
    pub(super) fn new() -> Self {
        Self { known: Map::default(), last: DuctClass::EMPTY, len: 0, room: ROOM }
    }

    /// The class of a duct with this top, which is not known yet.
    pub(super) fn add(&mut self, node: &Arc<Node>) -> DuctClass {
        if self.len >= self.room {
            self.forget();
        }
        let same_hash = self.known.entry(hash_of(node)).or_default();
        let is_equal =
            |(known, _): &&(Weak<Node>, DuctClass)| known.upgrade().is_some_and(|known| known == *node);
        let next = DuctClass(self.last.0 + 1);
        let class = same_hash.iter().find(is_equal).map_or(next, |(_, class)| *class);
        self.last = self.last.max(class);
        same_hash.push((Arc::downgrade(node), class));
        self.len += 1;
        class
    }

    /// How many are known; some may be gone.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.values().map(Vec::len).sum()
    }

    /// Forgets the ducts that are gone.
    fn forget(&mut self) {
        self.known.retain(|_, same_hash| {
            same_hash.retain(|(known, _)| known.strong_count() > 0);
            !same_hash.is_empty()
        });
        self.len = self.known.values().map(Vec::len).sum();
        self.room = ROOM.max(2 * self.len);
    }
}

/// The hash of a duct: equal ducts have equal hashes.
fn hash_of(node: &Node) -> u64 {
    let mut hasher = Folded::default();
    let hops = std::iter::once(&node.hop).chain(node.rest.hops());
    hops.for_each(|hop| (&hop.to, &hop.wire).hash(&mut hasher));
    hasher.finish()
}
