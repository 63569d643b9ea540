//! What runs a source on tokio: a stream of items and, perhaps, a sink for feedback.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::data::door;
use crate::data::message::Message;
use crate::data::one_line::one_line;
use crate::data::reason::{Failure, Reason};
use crate::data::symbol::Symbol;
use crate::data::value::Value;
use crate::ground_vm::source::Source;
use crate::host::ground::{Sink, Stream};

/// How much feedback waits for a sink that is not ready; a source that is given more ends with reason `overrun`.
const WAITING: usize = 1024;

pub(super) struct Engine {
    items: Pin<Box<dyn Items>>,
    sink: Option<Pin<Box<dyn Feedback>>>,
    waiting: VecDeque<Value>,
    /// The sink was given something since it was last told to flush.
    given: bool,
    /// Why the sink takes nothing more.
    failed: Option<Reason>,
}

trait Items: Send {
    fn poll_item(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Reason>>>;
}

trait Feedback: Send {
    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Reason>>;
    fn start_send(self: Pin<&mut Self>, value: Value) -> Result<(), Reason>;
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Reason>>;
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Reason>>;
}

impl<T, M: Message, E: Into<Failure>> Items for T
where
    T: Stream<Item = Result<M, E>> + Send,
{
    fn poll_item(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Reason>>> {
        let item = ready!(self.poll_next(cx));
        Poll::Ready(item.map(|item| item.map(Message::into_value).map_err(reason)))
    }
}

impl<T, E: Into<Failure>> Feedback for T
where
    T: Sink<Value, Error = E> + Send,
{
    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        Sink::poll_ready(self, cx).map_err(reason)
    }
    fn start_send(self: Pin<&mut Self>, value: Value) -> Result<(), Reason> {
        Sink::start_send(self, value).map_err(reason)
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        Sink::poll_flush(self, cx).map_err(reason)
    }
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        Sink::poll_close(self, cx).map_err(reason)
    }
}

/// Calls the source's own code.
fn call<R>(source: impl FnOnce() -> R) -> Result<R, Reason> {
    door::enter(source).map_err(|failed| *failed)
}

fn reason(error: impl Into<Failure>) -> Reason {
    let Failure(reason) = error.into();
    reason
}

impl Engine {
    fn new(items: impl Items + 'static, sink: Option<Pin<Box<dyn Feedback>>>) -> Self {
        Self { items: Box::pin(items), sink, waiting: VecDeque::new(), given: false, failed: None }
    }

    pub(super) const fn has_sink(&self) -> bool {
        self.sink.is_some()
    }

    /// Whether the sink was given something since it was last told to flush.
    pub(super) const fn is_given(&self) -> bool {
        self.given
    }

    /// The next item, or why there is none any more. A stream that panics has ended.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, Reason>> {
        match call(|| self.items.as_mut().poll_item(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Some(item))) => Poll::Ready(item),
            Ok(Poll::Ready(None)) => Poll::Ready(Err(Reason::Normal)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }

    /// Gives feedback to the sink, which takes it at once if it is ready. Says whether it is the first since the last flush.
    pub(super) fn give(&mut self, value: Value, cx: &mut Context<'_>) -> bool {
        let Self { sink: Some(sink), waiting, given, failed, .. } = self else { return false };
        let first = !std::mem::replace(given, true);
        if failed.is_none() {
            waiting.push_back(value);
            match call(|| hand_over(sink.as_mut(), waiting, cx)) {
                Ok(Poll::Ready(Err(reason))) | Err(reason) => *failed = Some(reason),
                Ok(Poll::Pending) if waiting.len() > WAITING => {
                    *failed = Some(Reason::value(&Symbol::new("overrun")));
                }
                Ok(_) => {}
            }
        }
        first
    }

    /// Hands the sink what it can take, and lets it write.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Result<(), Reason> {
        self.given = false;
        if let Some(reason) = self.failed.take() {
            return Err(reason);
        }
        let Self { sink: Some(sink), waiting, .. } = self else { return Ok(()) };
        match call(|| poll_flush(sink.as_mut(), waiting, cx))? {
            Poll::Ready(result) => result,
            Poll::Pending => Ok(()),
        }
    }

    /// Flushes and closes the sink. It has closed, too, when it fails to: nobody is left to be told.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { sink: Some(sink), waiting, .. } = self else { return Poll::Ready(()) };
        let closed = call(|| {
            if let Err(reason) = ready!(poll_flush(sink.as_mut(), waiting, cx)) {
                return Poll::Ready(Err(reason));
            }
            sink.as_mut().poll_close(cx)
        });
        match closed {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => Poll::Ready(()),
            Ok(Poll::Ready(Err(reason))) | Err(reason) => {
                tracing::debug!(reason = %one_line(reason), "a sink failed while it closed");
                Poll::Ready(())
            }
        }
    }

    /// Drops it. A destructor that panics has nobody to fail.
    pub(super) fn dispose(self) {
        if let Err(reason) = door::dispose(self) {
            tracing::warn!(reason = %one_line(reason), "a source's destructor failed");
        }
    }
}

/// Hands a sink what waits for it, as far as it is ready.
fn hand_over(
    mut sink: Pin<&mut dyn Feedback>,
    waiting: &mut VecDeque<Value>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Reason>> {
    while !waiting.is_empty() {
        if let Err(reason) = ready!(sink.as_mut().poll_ready(cx)) {
            return Poll::Ready(Err(reason));
        }
        if let Some(value) = waiting.pop_front() {
            sink.as_mut().start_send(value)?;
        }
    }
    Poll::Ready(Ok(()))
}

fn poll_flush(
    mut sink: Pin<&mut dyn Feedback>,
    waiting: &mut VecDeque<Value>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Reason>> {
    match ready!(hand_over(sink.as_mut(), waiting, cx)) {
        Ok(()) => sink.poll_flush(cx),
        failed => Poll::Ready(failed),
    }
}

/// Sources for the tokio host (feature `tokio`).
impl Source {
    /// A source whose items are those of a stream; its first error ends it with that reason.
    pub fn stream<M: Message, E: Into<Failure> + 'static>(
        items: impl Stream<Item = Result<M, E>> + Send + 'static,
    ) -> Self {
        Self::new(Engine::new(items, None))
    }

    /// A source that gives what a future gives, and ends: any async call becomes an event.
    pub fn future<M: Message, E: Into<Failure> + Send + 'static>(
        item: impl Future<Output = Result<M, E>> + Send + 'static,
    ) -> Self {
        Self::stream(Once(Some(Box::pin(item))))
    }

    /// A source with a stream of items and a sink: feedback for the source goes to the sink, whose first error ends it with that reason.
    ///
    /// When the source is turned off, the sink is flushed and closed, for at most [`GRACE`](super::GRACE).
    pub fn duplex<M: Message, E: Into<Failure> + 'static, F: Into<Failure> + 'static>(
        items: impl Stream<Item = Result<M, E>> + Send + 'static,
        sink: impl Sink<Value, Error = F> + Send + 'static,
    ) -> Self {
        Self::new(Engine::new(items, Some(Box::pin(sink))))
    }
}

/// A future as a stream of one item.
struct Once<F>(Option<Pin<Box<F>>>);

impl<M, E, F: Future<Output = Result<M, E>>> Stream for Once<F> {
    type Item = F::Output;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let Some(future) = &mut self.0 else { return Poll::Ready(None) };
        let item = ready!(future.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(Some(item))
    }
}
