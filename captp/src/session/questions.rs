//! Answers that we want.

use std::collections::HashMap;
use std::mem;

use marketplace::objects::Reference;

use crate::session::tables::Row;

/// The table of questions. A place is used again when its question was answered, nobody here has
/// the promise, and the peer was told so.
pub(super) struct Questions {
    places: Vec<Place>,
    numbers: HashMap<Reference, u64>,
    free: Vec<u64>,
    /// How many were ever asked.
    asked: u64,
    /// The questions that were answered and let go of, of which the peer is to be told.
    over: Vec<u64>,
    bound: usize,
}

enum Place {
    Free,
    Asked(Question),
    /// The peer is to be told that it is free.
    Over,
}

#[derive(Default)]
struct Question {
    /// How many were asked before it: it tells it from others at its place.
    serial: u64,
    /// Its promise, shown.
    promise: Option<Reference>,
    answered: bool,
    released: bool,
}

impl Questions {
    pub(super) fn new(bound: usize) -> Self {
        let (places, numbers, free, over) = (Vec::new(), HashMap::new(), Vec::new(), Vec::new());
        Self { places, numbers, free, asked: 0, over, bound }
    }

    /// How many are asked.
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len() - self.over.len()
    }

    pub(super) fn has_room(&self) -> bool {
        self.len() < self.bound
    }

    pub(super) fn contains(&self, question: u64) -> bool {
        matches!(self.place(question), Some(Place::Asked(_)))
    }

    /// The question whose promise this is.
    pub(super) fn number(&self, promise: &Reference) -> Option<u64> {
        self.numbers.get(promise).copied()
    }

    /// The number of the question that is asked next, and its serial number.
    pub(super) fn next(&self) -> (u64, u64) {
        (self.free.last().copied().unwrap_or(self.places.len() as u64), self.asked)
    }

    /// The serial number of this question.
    pub(super) fn serial(&self, question: u64) -> Option<u64> {
        match self.place(question) {
            Some(Place::Asked(asked)) => Some(asked.serial),
            _ => None,
        }
    }

    /// The next question is asked.
    pub(super) fn ask(&mut self) {
        let asked = Place::Asked(Question { serial: self.asked, ..Question::default() });
        self.asked += 1;
        match self.free.pop() {
            Some(free) => {
                let Some(place) = self.place_mut(free) else { unreachable!("it was used before") };
                *place = asked;
            }
            None => self.places.push(asked),
        }
    }

    /// This is its promise.
    pub(super) fn asked_with(&mut self, question: u64, promise: &Reference) {
        let Some(Place::Asked(asked)) = self.place_mut(question) else { return };
        let shown = promise.shown();
        if let Some(before) = asked.promise.replace(shown.clone()) {
            self.numbers.remove(&before);
        }
        self.numbers.insert(shown, question);
    }

    /// The peer has answered it, or never will.
    pub(super) fn answered(&mut self, question: u64) {
        if let Some(Place::Asked(asked)) = self.place_mut(question) {
            asked.answered = true;
            self.end(question);
        }
    }

    /// Nobody here has its promise any more.
    pub(super) fn released(&mut self, question: u64) {
        let Some(Place::Asked(asked)) = self.place_mut(question) else { return };
        asked.released = true;
        if let Some(promise) = asked.promise.take() {
            self.numbers.remove(&promise);
        }
        self.end(question);
    }

    fn end(&mut self, question: u64) {
        let Some(place) = self.place_mut(question) else { return };
        if matches!(place, Place::Asked(Question { answered: true, released: true, .. })) {
            *place = Place::Over;
            self.over.push(question);
        }
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let row = |(place, question): (usize, &Place)| match question {
            Place::Asked(Question { promise, answered, .. }) => {
                let kind = if *answered { "answered" } else { "asked" };
                Some(Row { place: place as u64, kind, reference: promise.clone(), count: 1 })
            }
            Place::Free | Place::Over => None,
        };
        self.places.iter().enumerate().filter_map(row).collect()
    }

    /// How many promises lead to a question.
    #[cfg(test)]
    pub(super) fn references(&self) -> usize {
        self.numbers.len()
    }

    /// Those of which the peer is to be told.
    pub(super) fn over(&self) -> Vec<u64> {
        self.over.clone()
    }

    pub(super) fn has_over(&self) -> bool {
        !self.over.is_empty()
    }

    /// Takes those of which the peer is to be told: from now on their places are free.
    pub(super) fn take_over(&mut self) -> Vec<u64> {
        let over = mem::take(&mut self.over);
        for &question in &over {
            let Some(place) = self.place_mut(question) else { unreachable!("it was asked") };
            *place = Place::Free;
        }
        self.free.extend(over.iter().rev());
        over
    }

    fn place(&self, question: u64) -> Option<&Place> {
        self.places.get(usize::try_from(question).ok()?)
    }

    fn place_mut(&mut self, question: u64) -> Option<&mut Place> {
        self.places.get_mut(usize::try_from(question).ok()?)
    }
}
