//! Outer halves made of streams, sinks and futures of other libraries.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::data::message::Message;
use crate::data::reason::Failure;
use crate::data::symbol::Symbol;
use crate::data::value::Value;
use crate::ground_vm::source::Source;
use crate::host::ground::outer_half::OuterHalf;
use crate::host::ground::{Sink, Stream};

/// How much feedback waits for a sink that is not ready; a source that is given more ends with
/// reason `overrun`.
const WAITING: usize = 1024;

impl Source {
    /// A source whose items are those of a stream; its first error ends it with that reason.
    pub fn stream<M: Message, E: Into<Failure> + 'static>(
        items: impl Stream<Item = Result<M, E>> + Send + 'static,
    ) -> Self {
        Self::outer(Items(Box::pin(items)))
    }

    /// A source that gives what a future gives, and ends: any async call becomes an event.
    pub fn future<M: Message, E: Into<Failure> + Send + 'static>(
        item: impl Future<Output = Result<M, E>> + Send + 'static,
    ) -> Self {
        Self::outer(Once(Some(Box::pin(item))))
    }

    /// A source with a stream of items and a sink: feedback for the source goes to the sink, whose
    /// first error ends it with that reason. At most 1024 pieces of feedback wait for a sink that
    /// is not ready; one more ends the source with reason `overrun` (a symbol).
    ///
    /// When the source is turned off, the sink is flushed and closed, for at most
    /// [`GRACE`](super::GRACE). Where the two know of each other, [`Source::outer`] is simpler.
    pub fn duplex<M: Message, E: Into<Failure> + 'static, F: Into<Failure> + 'static>(
        items: impl Stream<Item = Result<M, E>> + Send + 'static,
        sink: impl Sink<Value, Error = F> + Send + 'static,
    ) -> Self {
        let (items, sink) = (Items(Box::pin(items)), Box::pin(sink));
        Self::outer(Duplex { items, sink, waiting: VecDeque::new() })
    }
}

struct Items<T>(Pin<Box<T>>);

impl<M, E, T> OuterHalf for Items<T>
where
    M: Message,
    E: Into<Failure>,
    T: Stream<Item = Result<M, E>> + Send,
{
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let item = ready!(self.0.as_mut().poll_next(cx));
        Poll::Ready(item.map(|item| item.map(Message::into_value).map_err(Into::into)))
    }
}

/// Empty when the future has given its item.
struct Once<F>(Option<Pin<Box<F>>>);

impl<M, E, F> OuterHalf for Once<F>
where
    M: Message,
    E: Into<Failure>,
    F: Future<Output = Result<M, E>> + Send,
{
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        let Some(future) = &mut self.0 else { return Poll::Ready(None) };
        let item = ready!(future.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(Some(item.map(Message::into_value).map_err(Into::into)))
    }
}

struct Duplex<T, K> {
    items: Items<T>,
    sink: Pin<Box<K>>,
    /// The feedback that waits until the sink is ready.
    waiting: VecDeque<Value>,
}

impl<T, F: Into<Failure>, K: Sink<Value, Error = F>> Duplex<T, K> {
    /// Hands the sink what waits for it, as far as it is ready.
    fn hand_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        while !self.waiting.is_empty() {
            ready!(self.sink.as_mut().poll_ready(cx)).map_err(Into::into)?;
            if let Some(value) = self.waiting.pop_front() {
                self.sink.as_mut().start_send(value).map_err(Into::into)?;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T, F, K> OuterHalf for Duplex<T, K>
where
    Items<T>: OuterHalf,
    T: Send,
    F: Into<Failure>,
    K: Sink<Value, Error = F> + Send,
{
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.items.poll_next(cx)
    }

    fn give(&mut self, feedback: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        self.waiting.push_back(feedback);
        match self.hand_over(cx) {
            Poll::Ready(handed_over) => handed_over,
            Poll::Pending if self.waiting.len() > WAITING => Err(Failure::value(&Symbol::new("overrun"))),
            Poll::Pending => Ok(()),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        ready!(self.hand_over(cx))?;
        self.sink.as_mut().poll_flush(cx).map_err(Into::into)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        ready!(self.poll_flush(cx))?;
        self.sink.as_mut().poll_close(cx).map_err(Into::into)
    }
}
