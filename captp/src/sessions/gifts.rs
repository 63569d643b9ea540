//! Objects that wait until those come for whom they were deposited.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bytes::Bytes;

use crate::sessions::LineId;

/// The gifts of all gifters. `G` is a gift, `W` is told when the gift is there that it waits for.
pub(crate) struct Gifts<G, W> {
    /// The most that there may be from one gifter.
    most: usize,
    of: HashMap<LineId, HashMap<Bytes, Place<G, W>>>,
}

/// Once it is marked, it lapses next time.
struct Place<G, W> {
    what: What<G, W>,
    is_marked: bool,
}

enum What<G, W> {
    /// It was deposited.
    Here(G),
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

/// The things that have lapsed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lapsed<W> {
    /// How many gifts are gone.
    pub(crate) gifts: usize,
    /// The ones who have waited for others, by name.
    pub(crate) waits: Vec<W>,
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
        let is_full = gifts.len() >= self.most;
        match gifts.entry(id) {
            Entry::Occupied(place) => match place.get().what {
                What::Here(_) => Err(TooManyGifts),
                What::Wanted(..) => Ok(place.remove().waits().map(|waits| (waits, gift))),
            },
            Entry::Vacant(_) if is_full => Err(TooManyGifts),
            Entry::Vacant(place) => {
                place.insert(Place { what: What::Here(gift), is_marked: false });
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
        let is_full = gifts.len() >= self.most;
        match gifts.entry(id) {
            Entry::Occupied(place) => match place.get().what {
                What::Here(_) => place.remove().gift().map_or(Taken::Wanted, Taken::Gift),
                What::Wanted(..) => Taken::Wanted,
            },
            Entry::Vacant(_) if is_full => Taken::TooMany,
            Entry::Vacant(place) => {
                place.insert(Place { what: What::Wanted(receiver, waits), is_marked: false });
                Taken::Later
            }
        }
    }

    /// How many gifts of this gifter are here, and how many are waited for.
    pub(crate) fn of(&self, gifter: LineId) -> (u64, u64) {
        let places = self.of.get(&gifter).into_iter().flat_map(HashMap::values);
        places.fold((0, 0), |(here, wanted), place| match place.what {
            What::Here(_) => (here + 1, wanted),
            What::Wanted(..) => (here, wanted + 1),
        })
    }

    /// Marks the gifts of this gifter that are here, or are waited for. Says whether there are any.
    pub(crate) fn mark(&mut self, gifter: LineId) -> bool {
        let Some(gifts) = self.of.get_mut(&gifter) else { return false };
        gifts.values_mut().for_each(|place| place.is_marked = true);
        !gifts.is_empty()
    }

    /// Those gifts of this gifter that are marked are gone, or are waited for no longer.
    pub(crate) fn lapse(&mut self, gifter: LineId) -> Lapsed<W> {
        let gifts = self.of.get_mut(&gifter);
        let gone = gifts.into_iter().flat_map(|gifts| gifts.extract_if(|_, place| place.is_marked));
        let gone: Vec<_> = gone.collect();
        let all = gone.len();
        let waits = those_who_wait(gone);
        Lapsed { gifts: all - waits.len(), waits }
    }

    /// A session has ended: its gifts are gone. Gives those who wait for them, by name.
    pub(crate) fn ended(&mut self, line: LineId) -> Vec<W> {
        for gifts in self.of.values_mut() {
            gifts.retain(|_, place| !matches!(place.what, What::Wanted(Some(by), _) if by == line));
        }
        those_who_wait(self.of.remove(&line).into_iter().flatten().collect())
    }

    /// How many gifts there are, and how many are waited for.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.of.values().map(HashMap::len).sum()
    }
}

impl<G, W> Place<G, W> {
    fn gift(self) -> Option<G> {
        match self.what {
            What::Here(gift) => Some(gift),
            What::Wanted(..) => None,
        }
    }

    fn waits(self) -> Option<W> {
        match self.what {
            What::Here(_) => None,
            What::Wanted(_, waits) => Some(waits),
        }
    }
}

/// The ones who wait for gifts, by the names of these.
fn those_who_wait<G, W>(mut places: Vec<(Bytes, Place<G, W>)>) -> Vec<W> {
    places.sort_by(|(one, _), (other, _)| one.cmp(other));
    places.into_iter().filter_map(|(_, place)| place.waits()).collect()
}
