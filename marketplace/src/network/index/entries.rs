//! Entries in ascending order of creation: one inline, or chunks.

use crate::network::endpoint::EndpointSlot;

/// When an endpoint was created, among those of its network: unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order(u64);

impl Order {
    /// Before every endpoint.
    pub(crate) const ZERO: Self = Self(0);

    /// One that a test makes up.
    #[cfg(test)]
    pub(crate) const fn made_up(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// That of the endpoint that is created next.
    #[inline]
    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One orientation's endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) order: Order,
    /// Its place in the endpoint table.
    pub(crate) slot: EndpointSlot,
}

/// At least one entry, ascending; 16 bytes and no allocation for exactly one.
pub(crate) enum Entries {
    One { slot: EndpointSlot, order: Order },
    Many(Box<Chunks>),
}

/// More entries than this are kept in several allocations, so that no insertion or removal moves
/// more.
const CHUNK: usize = 256;

/// Ascending; no chunk is empty.
pub(crate) struct Chunks {
    len: usize,
    chunks: Vec<Vec<IndexEntry>>,
}

impl Entries {
    pub(super) const fn one(IndexEntry { order, slot }: IndexEntry) -> Self {
        Self::One { slot, order }
    }

    /// The entry, if there is one only.
    #[inline]
    pub(super) fn only(&self) -> Option<IndexEntry> {
        match *self {
            Self::One { slot, order } => Some(IndexEntry { order, slot }),
            Self::Many(_) => None,
        }
    }

    pub(super) fn insert(&mut self, entry: IndexEntry) {
        if let &mut Self::One { slot, order } = self {
            let mut first = Vec::with_capacity(4);
            first.push(IndexEntry { order, slot });
            *self = Self::Many(Box::new(Chunks { len: 1, chunks: vec![first] }));
        }
        if let Self::Many(chunks) = self {
            chunks.insert(entry);
        }
    }

    /// Removes the entry of this order; true when it was the last one, and now is to be dropped
    /// with these entries.
    #[inline(always)]
    pub(super) fn remove(&mut self, order: Order) -> bool {
        match self {
            Self::One { order: only, .. } => {
                debug_assert_eq!(*only, order, "the entry is there");
                true
            }
            Self::Many(_) => {
                self.remove_from_many(order);
                false
            }
        }
    }

    #[inline(never)]
    fn remove_from_many(&mut self, order: Order) {
        let Self::Many(chunks) = self else { unreachable!("they are many") };
        chunks.remove(order);
        if let ([chunk], 1) = (&*chunks.chunks, chunks.len) {
            *self = Self::one(chunk[0]);
        }
    }

    #[inline]
    pub(super) fn append_to(&self, out: &mut Vec<IndexEntry>) {
        match self {
            &Self::One { slot, order } => out.push(IndexEntry { order, slot }),
            Self::Many(chunks) => chunks.chunks.iter().for_each(|chunk| out.extend_from_slice(chunk)),
        }
    }
}

impl Chunks {
    fn insert(&mut self, entry: IndexEntry) {
        self.len += 1;
        match self.chunks.last_mut() {
            Some(last) if last[last.len() - 1].order > entry.order => self.insert_inside(entry),
            Some(last) if last.len() < CHUNK => last.push(entry),
            _ => self.chunks.push(vec![entry]),
        }
    }

    fn insert_inside(&mut self, entry: IndexEntry) {
        let at = self.chunk_of(entry.order);
        let chunk = &mut self.chunks[at];
        chunk.insert(chunk.partition_point(|other| other.order < entry.order), entry);
        if chunk.len() > CHUNK {
            let upper = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, upper);
        }
    }

    fn remove(&mut self, order: Order) {
        let at = self.chunk_of(order);
        let chunk = &mut self.chunks[at];
        let Ok(place) = chunk.binary_search_by_key(&order, |entry| entry.order) else {
            unreachable!("an entry is removed where it was added");
        };
        chunk.remove(place);
        self.len -= 1;
        if chunk.is_empty() {
            self.chunks.remove(at);
        } else if chunk.len() < CHUNK / 4 {
            if chunk.len() * 4 < chunk.capacity() {
                chunk.shrink_to(chunk.len() * 2);
            }
            self.join(at);
            self.join(at.wrapping_sub(1));
        }
    }

    /// Makes this chunk and the next one, if both are small.
    fn join(&mut self, at: usize) {
        if let Some([chunk, next]) = self.chunks.get_mut(at..).and_then(<[_]>::first_chunk_mut)
            && chunk.len() + next.len() <= CHUNK / 2
        {
            chunk.append(next);
            self.chunks.remove(at + 1);
        }
    }

    /// The chunk that holds this order, or would.
    fn chunk_of(&self, order: Order) -> usize {
        self.chunks.partition_point(|chunk| chunk[chunk.len() - 1].order < order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::slots::Slot;

    /// So many have come, and only these stay.
    fn left_of(count: u64, stays: impl Fn(u64) -> bool) -> Entries {
        let mut entries = Entries::one(IndexEntry { order: Order::ZERO, slot: Slot::NONE });
        let order = Order::made_up;
        (1..count).for_each(|n| entries.insert(IndexEntry { order: order(n), slot: Slot::NONE }));
        for gone in (0..count).filter(|n| !stays(*n)) {
            assert!(!entries.remove(order(gone)));
        }
        entries
    }

    /// How many pieces there are, and the room in them.
    fn room(entries: &Entries) -> (usize, usize) {
        match entries {
            Entries::One { .. } => (0, 0),
            Entries::Many(many) => (many.chunks.len(), many.chunks.iter().map(Vec::capacity).sum()),
        }
    }

    #[test]
    fn who_stays_behind_gives_the_room_back() {
        for stay in [2, 10, 63] {
            for left in
                [left_of(10_000, |order| order < stay), left_of(10_000, |order| order >= 10_000 - stay)]
            {
                let (pieces, room) = room(&left);
                assert_eq!(pieces, 1);
                assert!(room as u64 <= 4 * stay, "{stay} are left: {room}");
            }
        }
        assert_eq!(room(&left_of(10_000, |order| order == 5_000)), (0, 0));
    }

    /// A role that changes leaves, and comes back with the order that it had.
    #[test]
    fn who_comes_back_among_others_stands_in_order_and_in_small_pieces() {
        let count = 10 * CHUNK as u64;
        for each in [2, 10] {
            let (stays, comes_back): (Vec<_>, Vec<_>) = (1..count).partition(|order| order % each == 0);
            let mut entries = Entries::one(IndexEntry { order: Order::ZERO, slot: Slot::NONE });
            for order in stays.into_iter().chain(comes_back.into_iter().rev()).map(Order::made_up) {
                entries.insert(IndexEntry { order, slot: Slot::NONE });
            }
            let mut all = Vec::new();
            entries.append_to(&mut all);
            assert!(all.iter().map(|entry| entry.order).eq((0..count).map(Order::made_up)));
            let Entries::Many(many) = &entries else { unreachable!("they are many") };
            assert!(many.chunks.iter().all(|chunk| chunk.len() <= CHUNK));
        }
    }

    #[test]
    fn small_pieces_are_joined() {
        for each in [7, 100, 1_000] {
            let (pieces, _) = room(&left_of(10_000, |order| order % each == 0));
            let left = 10_000usize.div_ceil(each as usize);
            assert!(pieces <= left / (CHUNK / 4) + 1, "{left} are left, in {pieces} pieces");
        }
    }
}
