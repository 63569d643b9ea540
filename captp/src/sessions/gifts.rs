//! Objects that wait until those come for whom they were deposited.

use std::collections::HashMap;

use bytes::Bytes;

use crate::sessions::LineId;

/// The gifts of all gifters. `G` is a gift, `W` is told when the gift is there that it waits for.
pub(crate) struct Gifts<G, W> {
    /// The most that there may be from one gifter.
    most: usize,
    of: HashMap<LineId, HashMap<Bytes, Place<G, W>>>,
}

enum Place<G, W> {
    /// It was deposited. Once it is marked, it lapses next time.
    Here { gift: G, is_marked: bool },
    /// It was asked for by the peer on this connection, which is none if that is us.
    Wanted(Option<LineId>, W),
}

/// The result of asking for a gift.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken<G> {
    /// It was there, and is no more.
    Gift(G),
    /// The peer that wants it is told when it comes.
    Later,
    /// It was asked for already.
    Wanted,
    /// There are too many.
    TooMany,
}

/// A gifter has too many gifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are too many gifts, or there is one under this number")]
pub(crate) struct TooManyGifts;

impl<G, W> Gifts<G, W> {
    /// No gifts. There may be so many from one gifter.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, of: HashMap::new() }
    }

    /// The peer on the connection `gifter` gives something. If somebody waits for it, it goes there
    /// at once.
    ///
    /// # Errors
    /// If there are too many, or there is one of this name.
    pub(crate) fn deposit(
        &mut self,
        gifter: LineId,
        id: Bytes,
        gift: G,
    ) -> Result<Option<(W, G)>, TooManyGifts> {
        let gifts = self.of.entry(gifter).or_default();
        match gifts.remove(&id) {
            Some(Place::Wanted(_, waits)) => Ok(Some((waits, gift))),
            Some(here) => {
                gifts.insert(id, here);
                Err(TooManyGifts)
            }
            None if gifts.len() >= self.most => Err(TooManyGifts),
            None => {
                gifts.insert(id, Place::Here { gift, is_marked: false });
                Ok(None)
            }
        }
    }

    /// The peer on the connection `receiver` wants something that `gifter` gave it.
    pub(crate) fn withdraw(
        &mut self,
        gifter: LineId,
        id: Bytes,
        receiver: Option<LineId>,
        waits: W,
    ) -> Taken<G> {
        let gifts = self.of.entry(gifter).or_default();
        match gifts.remove(&id) {
            Some(Place::Here { gift, .. }) => Taken::Gift(gift),
            Some(wanted) => {
                gifts.insert(id, wanted);
                Taken::Wanted
            }
            None if gifts.len() >= self.most => Taken::TooMany,
            None => {
                gifts.insert(id, Place::Wanted(receiver, waits));
                Taken::Later
            }
        }
    }

    /// How many gifts of this gifter are here, and how many are waited for.
    pub(crate) fn of(&self, gifter: LineId) -> (u64, u64) {
        let places = self.of.get(&gifter).into_iter().flat_map(HashMap::values);
        places.fold((0, 0), |(here, wanted), place| match place {
            Place::Here { .. } => (here + 1, wanted),
            Place::Wanted(..) => (here, wanted + 1),
        })
    }

    /// Marks the gifts of this gifter that are here. Says whether there are any.
    pub(crate) fn mark(&mut self, gifter: LineId) -> bool {
        let mut any = false;
        for place in self.of.get_mut(&gifter).into_iter().flat_map(HashMap::values_mut) {
            if let Place::Here { is_marked, .. } = place {
                (*is_marked, any) = (true, true);
            }
        }
        any
    }

    /// Those gifts of this gifter that are marked are gone. Says how many there were.
    pub(crate) fn lapse(&mut self, gifter: LineId) -> usize {
        let Some(gifts) = self.of.get_mut(&gifter) else { return 0 };
        let before = gifts.len();
        gifts.retain(|_, place| !matches!(place, Place::Here { is_marked: true, .. }));
        before - gifts.len()
    }

    /// A session has ended: its gifts are gone. Gives those who wait for them, by name.
    pub(crate) fn ended(&mut self, line: LineId) -> Vec<W> {
        for gifts in self.of.values_mut() {
            gifts.retain(|_, place| !matches!(place, Place::Wanted(Some(by), _) if *by == line));
        }
        let mut gone: Vec<_> = self.of.remove(&line).into_iter().flatten().collect();
        gone.sort_by(|(one, _), (other, _)| one.cmp(other));
        let waits = |place| match place {
            Place::Wanted(_, waits) => Some(waits),
            Place::Here { .. } => None,
        };
        gone.into_iter().filter_map(|(_, place)| waits(place)).collect()
    }

    /// How many gifts there are, and how many are waited for.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.of.values().map(HashMap::len).sum()
    }
}
