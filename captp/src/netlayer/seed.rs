//! Random numbers of the operating system.

use std::task::{Context, Poll};

use bytes::Bytes;
use marketplace::ground::OuterHalf;
use marketplace::{Failure, Message, Source, Value};

use crate::netlayer::Seed;

/// A seed that nobody else knows.
pub(super) fn fresh() -> Result<Seed, Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(Seed(Bytes::copy_from_slice(&seed)))
}

/// A source of one.
pub(super) fn source() -> Source {
    Source::outer(Once(false))
}

/// Whether it was given.
struct Once(bool);

impl OuterHalf for Once {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let given = std::mem::replace(&mut self.0, true);
        Poll::Ready((!given).then(|| fresh().map(Message::into_value)))
    }
}
