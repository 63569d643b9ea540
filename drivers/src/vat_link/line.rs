//! What carries between the two vats: a queue each way.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use marketplace::ground::{Sink, Stream};
use marketplace::log::Origin;
use marketplace::prelude::*;
use marketplace::{Opaque, Source, View, vat};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::vat_link::LinkError;

/// How many messages one side may be ahead of the other.
pub const WAITING: usize = 65_536;

/// What those of here want.
#[derive(Clone)]
pub(super) enum Asked {
    /// A subscriber, under this number.
    Want(u64, Topic, InterestType),
    Unwant(u64, Reason),
    Feedback(Value),
}

/// What there is of there.
#[derive(Clone)]
pub(super) enum Told {
    /// A publisher.
    Present(Topic),
    Absent(Topic, Reason),
    Message(Value),
    Refused(Topic, Value),
}

/// The two ends of a line, as sources: what the one side says the other hears.
pub(super) fn line() -> (Source, Source) {
    let (asks, asked) = channel::<Parcel<Asked>>(WAITING);
    let (tells, told) = channel::<Parcel<Told>>(WAITING);
    (Source::duplex(Hears(told), Says(asks)), Source::duplex(Hears(asked), Says(tells)))
}

/// What is said, as a value for a ground event.
pub(super) fn say<T: Send + Sync + 'static>(what: T) -> Value {
    Opaque::new(what).into()
}

/// What was said.
pub(super) fn said<T: Clone + 'static>(value: &Value) -> Option<T> {
    match value.view() {
        View::Opaque(opaque) => opaque.downcast_ref().cloned(),
        _ => None,
    }
}

/// Something on its way, and where it was sent.
struct Parcel<T> {
    what: T,
    from: Option<Origin>,
}

struct Hears<T>(Receiver<Parcel<T>>);

impl<T: Send + Sync + 'static> Stream for Hears<T> {
    type Item = Result<Value, LinkError>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(Parcel { what, from }) = ready!(self.0.poll_recv(cx)) else {
            return Poll::Ready(Some(Err(LinkError::Lost)));
        };
        if let Some(from) = from {
            vat::arriving(from);
        }
        Poll::Ready(Some(Ok(say(what))))
    }
}

struct Says<T>(Sender<Parcel<T>>);

impl<T: Clone + Send + 'static> Sink<Value> for Says<T> {
    type Error = LinkError;
    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), LinkError>> {
        Poll::Ready(Ok(()))
    }
    fn start_send(self: Pin<&mut Self>, value: Value) -> Result<(), LinkError> {
        use tokio::sync::mpsc::error::TrySendError;
        let Some(what) = said(&value) else { return Ok(()) };
        self.0.try_send(Parcel { what, from: vat::here() }).map_err(|error| match error {
            TrySendError::Full(_) => LinkError::Overrun,
            TrySendError::Closed(_) => LinkError::Lost,
        })
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), LinkError>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), LinkError>> {
        Poll::Ready(Ok(()))
    }
}
