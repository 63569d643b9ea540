//! A source that was turned on, until it has closed.

use std::pin::Pin;
use std::task::{Context, Waker};

use tokio::time::Sleep;

use crate::data::numbers::{self, Stamp, TurnId};
use crate::data::reason::Reason;
use crate::data::slots::Place;
use crate::ground_vm::source::Source;
use crate::host::ground::engine::Engine;

/// A source that runs: one cache line, since the host may ask any of them.
#[repr(align(64))]
pub(super) struct Running {
    pub(super) source: Source,
    pub(super) engine: Engine,
    pub(super) waker: Waker,
    /// The turn that turned the source on, or gave it feedback last.
    pub(super) cause: TurnId,
}

const _: () = assert!(Place::<Running>::SIZE <= 64);

/// A source that was turned off, while it flushes.
pub(super) struct Closing {
    pub(super) engine: Engine,
    /// How long it may flush, counted from the first time that it was not done.
    pub(super) grace: Option<Pin<Box<Sleep>>>,
    pub(super) waker: Waker,
}

impl Running {
    #[inline]
    pub(super) fn flush(&mut self, time: Stamp) -> Result<(), Reason> {
        // The messages that the source sends to other vats are sent in the name of that turn.
        numbers::note_turn(self.cause, time);
        self.engine.poll_flush(&mut Context::from_waker(&self.waker))
    }
}
