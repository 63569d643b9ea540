//! The messages that wait at a promise.

use std::collections::VecDeque;

use crate::conversation::promise::sending::Sending;

/// The messages that wait at a promise, in order. It gives them as an iterator does.
///
/// Most of the time one waits, or none: that needs no allocation. Behind several, the first one has
/// the others.
#[derive(Default)]
pub(crate) struct Line(Option<Box<Sending>>);

/// The messages behind the first one.
#[allow(clippy::box_collection, reason = "all messages are smaller so")]
pub(super) type Behind = Option<Box<VecDeque<Box<Sending>>>>;

impl Line {
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        self.first().map_or(0, |first| 1 + first.behind.as_ref().map_or(0, |behind| behind.len()))
    }

    #[inline]
    pub(crate) fn push(&mut self, sending: Box<Sending>) {
        match &mut self.0 {
            None => self.0 = Some(sending),
            Some(first) => first.behind.get_or_insert_default().push_back(sending),
        }
    }

    pub(crate) fn first(&self) -> Option<&Sending> {
        self.0.as_deref()
    }

    /// The one message, if no other waits.
    #[inline]
    pub(super) fn only(&self) -> Option<&Sending> {
        self.first().filter(|first| first.behind.is_none())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Sending> {
        let behind = self.0.iter().flat_map(|first| &first.behind).flat_map(|behind| behind.iter());
        self.0.iter().chain(behind).map(|sending| &**sending)
    }
}

impl Iterator for Line {
    type Item = Box<Sending>;

    fn next(&mut self) -> Option<Box<Sending>> {
        let mut first = self.0.take()?;
        if let Some(mut behind) = first.behind.take() {
            self.0 = behind.pop_front();
            if let Some(next) = &mut self.0
                && !behind.is_empty()
            {
                next.behind = Some(behind);
            }
        }
        Some(first)
    }
}
