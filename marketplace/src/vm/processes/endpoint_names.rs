//! The named endpoints of a process.

use smallvec::SmallVec;

use crate::data::hash::Map;
use crate::data::value::Value;
use crate::network::endpoint::EndpointSlot;

/// With more names than this, they are found by hash.
const FEW: usize = 8;

/// The endpoints of a process in its VM, by name.
// Most processes with names have one or two. With a map for them, ten who join a room take 3 %
// more.
pub(crate) enum EndpointNames {
    Few(SmallVec<[(Value, EndpointSlot); 1]>),
    Many(Map<Value, EndpointSlot>),
}

impl Default for EndpointNames {
    fn default() -> Self {
        Self::Few(SmallVec::new())
    }
}

impl EndpointNames {
    /// The endpoint of this name.
    pub(crate) fn get(&self, name: &Value) -> Option<EndpointSlot> {
        match self {
            Self::Few(few) => few.iter().find(|(own, _)| own == name).map(|(_, slot)| *slot),
            Self::Many(many) => many.get(name).copied(),
        }
    }

    /// Adds an endpoint whose name no other one has.
    pub(crate) fn insert(&mut self, name: Value, slot: EndpointSlot) {
        match self {
            Self::Few(few) if few.len() < FEW => few.push((name, slot)),
            Self::Few(few) => {
                let mut many: Map<_, _> = few.drain(..).collect();
                many.insert(name, slot);
                *self = Self::Many(many);
            }
            Self::Many(many) => {
                many.insert(name, slot);
            }
        }
    }

    /// Forgets the endpoint of this name.
    pub(crate) fn remove(&mut self, name: &Value) {
        match self {
            Self::Few(few) => {
                if let Some(at) = few.iter().position(|(own, _)| own == name) {
                    few.swap_remove(at);
                }
            }
            Self::Many(many) => {
                many.remove(name);
            }
        }
    }

    /// The names, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Value> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few), None),
            Self::Many(many) => (None, Some(many)),
        };
        few.into_iter().flatten().map(|(name, _)| name).chain(many.into_iter().flat_map(Map::keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::slots::Slot;

    #[test]
    fn few_and_many_are_found_until_they_go() {
        for count in [1, 2, FEW, FEW + 1, 100] {
            let name = |n: usize| Value::from(n as i128);
            let slot = |n: usize| Slot::numbered(n as u32);
            let mut names = EndpointNames::default();
            (0..count).for_each(|n| names.insert(name(n), slot(n)));
            let mut left: Vec<_> = (0..count).collect();
            for gone in (0..count).map(|n| (n * 7 + 3) % count) {
                let mut all: Vec<_> = names.names().cloned().collect();
                all.sort();
                assert_eq!(all, left.iter().map(|n| name(*n)).collect::<Vec<_>>());
                for n in 0..count {
                    assert_eq!(names.get(&name(n)), left.contains(&n).then(|| slot(n)), "{n} of {count}");
                }
                names.remove(&name(gone));
                left.retain(|n| *n != gone);
            }
            assert_eq!(names.names().count(), left.len());
            names.insert(name(0), slot(9));
            assert_eq!(names.get(&name(0)), Some(slot(9)));
        }
    }
}
