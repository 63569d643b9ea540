//! Datagrams that could not be sent, until their senders are told.

use std::collections::VecDeque;
use std::task::Context;

use crate::udp::messages::{UdpAddress, UdpProblem};

/// How many problems wait to be told. Further ones are only logged.
const UNTOLD: usize = 1024;

#[derive(Default)]
pub(super) struct Unsent(VecDeque<(UdpAddress, UdpProblem)>);

impl Unsent {
    /// Notes that a datagram was not sent: its sender is to be told, at the next item.
    pub(super) fn note(&mut self, to: UdpAddress, why: UdpProblem, cx: &Context<'_>) {
        if self.0.len() < UNTOLD {
            self.0.push_back((to, why));
            cx.waker().wake_by_ref();
        } else {
            tracing::warn!(%to, why = %why.text, "a datagram is not sent, and nobody is told");
        }
    }

    /// The next problem to tell.
    pub(super) fn next(&mut self) -> Option<(UdpAddress, UdpProblem)> {
        self.0.pop_front()
    }
}
