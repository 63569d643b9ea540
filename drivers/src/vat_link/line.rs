//! The line between the two vats: a queue each way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use marketplace::ground::OuterHalf;
use marketplace::log::Origin;
use marketplace::prelude::*;
use marketplace::{Opaque, Source, View, vat};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::vat_link::LinkError;

/// How many messages one side may be ahead of the other.
pub const WAITING: usize = 65_536;

/// To the far vat: what subscribers here want.
#[derive(Clone)]
pub(super) enum Asked {
    /// A subscriber, under this number.
    Want(u64, Topic, InterestType),
    Unwant(u64, Reason),
    Feedback(Value),
}

/// From the far vat: what its publishers do.
#[derive(Clone)]
pub(super) enum News {
    /// A publisher.
    Present(Topic),
    Absent(Topic, Reason),
    Message(Value),
    Refused(Topic, Value),
}

/// The two ends of a line, as sources: each hears what is given to the other.
pub(super) fn line() -> (Source, Source) {
    let (asks, asked) = channel::<Parcel<Asked>>(WAITING);
    let (tells, told) = channel::<Parcel<News>>(WAITING);
    let overrun = Arc::<AtomicBool>::default();
    let near = End { says: asks, hears: told, overrun: overrun.clone() };
    (Source::outer(near), Source::outer(End { says: tells, hears: asked, overrun }))
}

/// A message of the line, as a value for a ground event.
pub(super) fn say<T: Send + Sync + 'static>(what: T) -> Value {
    Opaque::new(what).into()
}

/// The message of the line that the value is.
pub(super) fn said<T: Clone + 'static>(value: &Value) -> Option<T> {
    match value.view() {
        View::Opaque(opaque) => opaque.downcast_ref().cloned(),
        _ => None,
    }
}

/// A message on its way, and the place where it was sent.
struct Parcel<T> {
    what: T,
    from: Option<Origin>,
}

/// One end: it takes `S`, and gives `H`.
struct End<S, H> {
    says: Sender<Parcel<S>>,
    hears: Receiver<Parcel<H>>,
    /// The line has ended, because one side was too far ahead. Both ends have it.
    overrun: Arc<AtomicBool>,
}

impl<S, H> End<S, H> {
    /// Why the other end has gone.
    fn why_gone(&self) -> LinkError {
        if self.overrun.load(Ordering::Acquire) { LinkError::Overrun } else { LinkError::Lost }
    }
}

impl<S, H> OuterHalf for End<S, H>
where
    S: Clone + Send + 'static,
    H: Send + Sync + 'static,
{
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let Some(Parcel { what, from }) = ready!(self.hears.poll_recv(cx)) else {
            return Poll::Ready(Some(Err(self.why_gone().into())));
        };
        if let Some(from) = from {
            vat::arriving(from);
        }
        Poll::Ready(Some(Ok(say(what))))
    }

    fn give(&mut self, value: Value, _: &mut Context<'_>) -> Result<(), Failure> {
        use tokio::sync::mpsc::error::TrySendError;
        let Some(what) = said(&value) else { return Ok(()) };
        self.says.try_send(Parcel { what, from: vat::here() }).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.overrun.store(true, Ordering::Release);
                LinkError::Overrun.into()
            }
            TrySendError::Closed(_) => self.why_gone().into(),
        })
    }
}
