//! The two ends of a connection, as sources.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use marketplace::ground::OuterHalf;
use marketplace::sim::StandIn;
use marketplace::{Failure, Message, Source, Symbol, Text, Value};

use crate::netlayer::memory::pipe::{Overrun, Pipe};
use crate::netlayer::{FromLine, Seed, ToLine};

/// The two ends, as sources: each hears what is said to the other.
pub(super) fn line(near: Seed, far: Seed) -> (Source, Source) {
    let (near, far) = ends(near, far);
    (Source::outer(near), Source::outer(far))
}

/// The two ends.
pub(super) fn ends(near: Seed, far: Seed) -> (End, End) {
    let (out, back) = (Arc::new(Pipe::default()), Arc::new(Pipe::default()));
    let ends = Ends { hears: back.clone(), says: out.clone() };
    let other = Ends { hears: out, says: back };
    (End::new(near, ends), End::new(far, other))
}

/// A source of this seed.
pub(super) fn seed(seed: Result<Seed, String>) -> Source {
    Source::outer(Once(Some(seed)))
}

/// The pipes of one end. When nobody has it any more, the connection has ended.
struct Ends {
    hears: Arc<Pipe>,
    says: Arc<Pipe>,
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.says.end();
        self.hears.leave();
    }
}

/// One end. In a sim it stands in for itself.
#[derive(Clone)]
pub(super) struct End {
    /// Given first.
    seed: Option<Seed>,
    ends: Arc<Ends>,
    /// It was said that the peer says nothing more.
    ended: bool,
    /// Nothing more is said.
    closed: bool,
}

impl End {
    fn new(seed: Seed, ends: Ends) -> Self {
        Self { seed: Some(seed), ends: Arc::new(ends), ended: false, closed: false }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<FromLine> {
        if let Some(seed) = self.seed.take() {
            return Poll::Ready(FromLine::Connected(seed));
        }
        if self.ended {
            return Poll::Pending;
        }
        self.ends.hears.poll(cx).map(|bytes| {
            self.ended = bytes.is_none();
            bytes.map_or(FromLine::Ended, FromLine::Heard)
        })
    }

    fn hear(&mut self, said: &Value) -> Result<(), Overrun> {
        match ToLine::from_value(said) {
            Some(ToLine::Say(bytes)) => self.ends.says.push(bytes)?,
            Some(ToLine::Close) => {
                self.closed = true;
                self.ends.says.end();
                self.ends.hears.leave();
            }
            None => {}
        }
        Ok(())
    }
}

impl OuterHalf for End {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        if self.closed {
            return Poll::Ready(None);
        }
        self.poll(cx).map(|item| Some(Ok(item.into_value())))
    }

    fn give(&mut self, said: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        self.hear(&said).map_err(|Overrun| Failure::value(&Symbol::new("overrun")))?;
        if self.closed {
            cx.waker().wake_by_ref();
        }
        Ok(())
    }

    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        Some(Box::new(self.clone()))
    }
}

impl StandIn for End {
    fn due(&self) -> Option<Duration> {
        let ready = self.seed.is_some() || !self.ended && !self.closed && self.ends.hears.is_ready();
        ready.then_some(Duration::ZERO)
    }

    fn item(&mut self, _: Duration) -> Value {
        match self.poll(&Context::from_waker(Waker::noop())) {
            Poll::Ready(item) => item.into_value(),
            Poll::Pending => unreachable!("it was due"),
        }
    }

    /// In a sim nothing ends a source: too much is as the peer's end.
    fn give(&mut self, said: &Value, _: Duration) {
        if self.hear(said).is_err() {
            self.ends.says.end();
        }
    }
}

struct Once(Option<Result<Seed, String>>);

impl OuterHalf for Once {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        Poll::Ready(self.0.take().map(|seed| {
            let seed = seed.map_err(|why| Failure::value(&Text::from(why)))?;
            Ok(seed.into_value())
        }))
    }

    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        let Some(Ok(seed)) = &self.0 else { return None };
        Some(Box::new(Given(Some(seed.clone()))))
    }
}

/// A seed, until it was given.
struct Given(Option<Seed>);

impl StandIn for Given {
    fn due(&self) -> Option<Duration> {
        self.0.as_ref().map(|_| Duration::ZERO)
    }

    fn item(&mut self, _: Duration) -> Value {
        self.0.take().map_or(Value::UNIT, Message::into_value)
    }
}
