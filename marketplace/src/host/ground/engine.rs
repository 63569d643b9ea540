//! Calls an outer half through the door, and remembers whether a flush is due.

use std::task::{Context, Poll};

use crate::data::door;
use crate::data::one_line::one_line;
use crate::data::reason::{Failed, Failure, Reason};
use crate::data::value::Value;
use crate::host::ground::outer_half::OuterHalf;
use crate::host::sim::StandIn;

pub(crate) struct Engine {
    half: Box<dyn OuterHalf>,
    /// Feedback was given to it since it was last told to flush.
    given: bool,
    /// Why it takes no more feedback.
    failed: Option<Failed>,
}

/// Calls the outer half's own code.
fn call<R>(half: impl FnOnce() -> R) -> Result<R, Reason> {
    door::enter(half).map_err(|failed| *failed)
}

impl Engine {
    pub(super) fn new(half: impl OuterHalf + 'static) -> Self {
        Self { half: Box::new(half), given: false, failed: None }
    }

    /// Whether feedback was given to it since it was last told to flush.
    pub(super) const fn is_given(&self) -> bool {
        self.given
    }

    /// The next item, or why there is none any more. An outer half that panics has ended.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Value, Reason>> {
        match call(|| self.half.poll_next(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Some(item))) => Poll::Ready(item.map_err(|Failure(reason)| reason)),
            Ok(Poll::Ready(None)) => Poll::Ready(Err(Reason::Normal)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }

    /// Whether it gives no further item before it calls its waker.
    pub(super) fn is_waiting(&self) -> bool {
        // One that panics is asked again.
        call(|| self.half.is_waiting()).unwrap_or(false)
    }

    /// Gives it feedback. Says whether that is the first since the last flush.
    pub(super) fn give(&mut self, feedback: Value, cx: &mut Context<'_>) -> bool {
        let first = !std::mem::replace(&mut self.given, true);
        if self.failed.is_none() {
            self.failed = match call(|| self.half.give(feedback, cx)) {
                Ok(Ok(())) => None,
                Ok(Err(Failure(reason))) | Err(reason) => Some(Box::new(reason)),
            };
        }
        first
    }

    /// Lets it write the feedback that it was given.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Result<(), Reason> {
        self.given = false;
        if let Some(reason) = self.failed.take() {
            return Err(*reason);
        }
        match call(|| self.half.poll_flush(cx))? {
            Poll::Ready(Err(Failure(reason))) => Err(reason),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }

    /// Flushes and closes it. A half that fails to close counts as closed, too: no process is left
    /// to be told.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match call(|| self.half.poll_close(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => Poll::Ready(()),
            Ok(Poll::Ready(Err(Failure(reason)))) | Err(reason) => {
                tracing::debug!(reason = %one_line(reason), "a source failed while it closed");
                Poll::Ready(())
            }
        }
    }

    /// The thing that stands for it in a sim.
    pub(crate) fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        self.half.stand_in()
    }

    /// Drops it. If its destructor panics, no process fails.
    pub(super) fn dispose(self) {
        if let Err(reason) = door::dispose(self) {
            tracing::warn!(reason = %one_line(reason), "a source's destructor failed");
        }
    }
}
