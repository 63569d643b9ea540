//! Peers, and processes, that keep a connection waiting.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use marketplace::Label;
use tokio::time::{Instant, Sleep, sleep};

use crate::tcp::halves::{IDLE, UNTAKEN};

/// A connection is looked at so often within the time that it may be idle.
const LOOKS: u32 = 4;

/// The result of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nobody has taken the connection yet.
    Untaken,
    /// Bytes came or went since the last look, or nobody waits for the peer.
    Busy,
    /// The peer keeps the connection waiting.
    Quiet,
}

/// Says when to give up. A packet costs it nothing: it looks now and then whether there were any.
pub(super) struct Patience {
    take_up: Option<Duration>,
    idle: Duration,
    quiet: u32,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    /// For a connection that may be idle so long, and that has to be taken in this time, if one is
    /// given.
    pub(super) const fn new(take_up: Option<Duration>, idle: Duration) -> Self {
        Self { take_up, idle, quiet: 0, sleep: None }
    }

    /// Whether the next look is due at some later time, of which the task will be told.
    pub(super) fn is_set(&self) -> bool {
        self.take_up.is_none() && self.sleep.as_ref().is_some_and(|sleep| !sleep.is_elapsed())
    }

    /// Ready when it is time to give up, with the reason.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut look: impl FnMut() -> Look,
    ) -> Poll<&'static Label> {
        loop {
            if self.take_up.is_some() && look() != Look::Untaken {
                self.take_up = None;
                self.sleep = None;
            }
            let pause = self.take_up.unwrap_or(self.idle / LOOKS);
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(pause)));
            ready!(sleep.as_mut().poll(cx));
            if self.take_up.is_some() {
                return Poll::Ready(&UNTAKEN);
            }
            self.quiet = if look() == Look::Quiet { self.quiet + 1 } else { 0 };
            // The first look after a packet finds it: so this is never too early, and late by one
            // pause at most.
            if self.quiet >= LOOKS {
                return Poll::Ready(&IDLE);
            }
            match Instant::now().checked_add(pause) {
                Some(next) => sleep.as_mut().reset(next),
                None => return Poll::Pending,
            }
        }
    }
}
