//! The half of a driver that waits, as its host sees it.

use std::task::{Context, Poll};

use crate::data::reason::Failure;
use crate::data::value::Value;
use crate::ground_vm::source::Source;
use crate::host::ground::engine::Engine;
use crate::host::sim::StandIn;

/// The outer half of a driver: one object with both directions, items in and feedback out.
///
/// [`Source::outer`] makes a source of it. One task polls it, and never two threads at a time, so
/// state that the two directions share is a plain field.
///
/// The host calls each method in that task, with the waker of this source. As with a [`Future`], a
/// method that returns `Pending` has arranged for the waker to be called when it is worth asking
/// again. After a call of the waker the host asks for both directions: first
/// [`poll_flush`](OuterHalf::poll_flush), then, if an item is wanted,
/// [`poll_next`](OuterHalf::poll_next). So if one direction makes work for the other, it calls the
/// waker.
///
/// A method that panics ends the source, and no process, with the panic as the reason.
///
/// This outer half gives its feedback back as items:
///
/// ```
/// use std::collections::VecDeque;
/// use std::task::{Context, Poll};
///
/// use marketplace::ground::{self, OuterHalf};
/// use marketplace::prelude::*;
/// use marketplace::{Ground, Source};
///
/// #[derive(Default)]
/// struct Echo(VecDeque<Value>);
///
/// impl OuterHalf for Echo {
///     fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
///         // `give` calls the waker.
///         self.0.pop_front().map_or(Poll::Pending, |value| Poll::Ready(Some(Ok(value))))
///     }
///
///     fn give(&mut self, value: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
///         if self.0.len() == 100 {
///             return Err(Failure::value(&Symbol::new("overrun")));
///         }
///         self.0.push_back(value);
///         cx.waker().wake_by_ref();
///         Ok(())
///     }
/// }
///
/// let source = Source::outer(Echo::default());
/// let boot = move |_boot_pid| -> Transition<()> {
///     transition_no_state!(
///         at_meta_level!(subscriber!(
///             Ground::<Text>(source, _),
///             on_message!(Ground::<Text>(_, heard) => {
///                 assert_eq!(heard, "hello");
///                 at_meta_level!(quit())
///             }),
///         )),
///         at_meta_level!(send_feedback!(Ground::<Text>(source, "hello"))),
///     )
/// };
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// assert!(runtime.block_on(ground::run(boot, std::future::pending())).is_ok());
/// ```
pub trait OuterHalf: Send {
    /// The next item. `None` ends the source normally, an error ends it with that reason; it is not
    /// asked again then. It is asked only when an item is wanted: until then its items wait outside
    /// the VM.
    ///
    /// # Errors
    /// For whatever reason the source is to end.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>>;

    /// Whether [`poll_next`](OuterHalf::poll_next), which has just given an item, would have none
    /// now, and has arranged for the waker to be called when it is worth asking again. The host
    /// then does not ask again before. Unless the outer half says otherwise, it is asked until it
    /// has none.
    fn is_waiting(&self) -> bool {
        false
    }

    /// Takes feedback for the source, at once. If the feedback cannot be written yet it waits in
    /// the outer half, which bounds how much waits. A flush always follows. Unless the outer half
    /// says otherwise, feedback is ignored.
    ///
    /// # Errors
    /// For whatever reason the source is to end.
    fn give(&mut self, feedback: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        let _ = (feedback, cx);
        Ok(())
    }

    /// Writes the feedback that it was given, as far as that is possible; ready when none of it
    /// waits. It is called after feedback, and whenever the waker was called, also while no item is
    /// wanted: so a flush that has written nothing must not call the waker, or the task never
    /// rests. Unless the outer half says otherwise, there is nothing to write.
    ///
    /// # Errors
    /// For whatever reason the source is to end.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let _ = cx;
        Poll::Ready(Ok(()))
    }

    /// The source has ended or was turned off: writes the feedback that it was given and closes.
    /// The outer half is dropped when this is ready, or after [`GRACE`](super::GRACE). Its other
    /// methods are not called any more. Unless the outer half says otherwise, it flushes.
    ///
    /// # Errors
    /// Why it could not close. No process is left to be told, so the error is only logged.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.poll_flush(cx)
    }

    /// The stand-in for it in a [sim](crate::sim), where nothing waits and no method above is
    /// called. Unless the outer half says otherwise, nothing does: its source ends there, and says
    /// so.
    fn stand_in(&self) -> Option<Box<dyn StandIn>> {
        None
    }
}

/// Sources for the tokio host (feature `tokio`).
impl Source {
    /// A source that is this outer half: processes hear its items, and feedback for the source is
    /// given to it.
    ///
    /// [`Source::stream`], [`Source::future`] and [`Source::duplex`] make a source of a stream, a
    /// future, or a stream and a sink.
    pub fn outer(half: impl OuterHalf + 'static) -> Self {
        Self::new(Engine::new(half))
    }
}
