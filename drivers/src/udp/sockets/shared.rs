//! What the two directions of a socket share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Context;

use futures_util::task::AtomicWaker;
use marketplace::Source;
use tokio::net::UdpSocket;

use crate::open::Open;
use crate::udp::messages::{UdpAddress, UdpProblem};

/// How many problems wait to be told. Further ones are only logged.
const UNTOLD: usize = 1024;

/// The socket, once it is bound, and what could not be sent.
pub(super) struct Shared {
    pub(super) socket: OnceLock<UdpSocket>,
    unsent: Mutex<VecDeque<(UdpAddress, UdpProblem)>>,
    receiver: AtomicWaker,
    /// Dropped last.
    _open: Open,
}

impl Shared {
    /// With a source that ends when the socket is closed.
    pub(super) fn new() -> (Arc<Self>, Source) {
        let (open, closed) = Open::new();
        let (socket, unsent, receiver) = (OnceLock::new(), Mutex::default(), AtomicWaker::new());
        (Arc::new(Self { socket, unsent, receiver, _open: open }), closed)
    }

    /// A datagram was not sent: its sender is to be told.
    pub(super) fn not_sent(&self, to: UdpAddress, why: UdpProblem) {
        let mut unsent = self.unsent();
        if unsent.len() < UNTOLD {
            unsent.push_back((to, why));
            self.receiver.wake();
        } else {
            tracing::warn!(%to, why = %why.text, "a datagram is not sent, and nobody is told");
        }
    }

    /// What is to be told next; the task is woken when there is something.
    pub(super) fn next_unsent(&self, cx: &Context<'_>) -> Option<(UdpAddress, UdpProblem)> {
        // First, so that what comes from here on is not missed.
        self.receiver.register(cx.waker());
        self.unsent().pop_front()
    }

    fn unsent(&self) -> MutexGuard<'_, VecDeque<(UdpAddress, UdpProblem)>> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
