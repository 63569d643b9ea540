//! Messages that are written and are still to go out, in order.
//!
//! A message that hands off an object of a third machine waits until the session with that machine
//! has written the deposit. So each deposit is written before the message that tells of it, over
//! all sessions of a peer: then no two hand-offs wait for each other (K6). Messages behind such a
//! one wait behind it; deposits do not, since they belong to messages that came before.

use std::collections::VecDeque;

use bytes::Bytes;

/// Messages on their way out.
#[derive(Default)]
pub(super) struct Outbox {
    /// Each with whether its deposits are still to be written.
    messages: VecDeque<(Bytes, bool)>,
}

impl Outbox {
    /// Puts a message behind all others. If it hands something off,
    /// [`Outbox::deposited`] is to be called when that has been deposited.
    pub(super) fn push(&mut self, message: Bytes, hands_off: bool) {
        self.messages.push_back((message, hands_off));
    }

    /// Puts a message before all that wait.
    pub(super) fn push_urgent(&mut self, message: Bytes) {
        self.messages.push_front((message, false));
    }

    /// The deposits of the first message that waits for some are written: messages are told of in
    /// their order.
    pub(super) fn deposited(&mut self) {
        if let Some((_, hands_off)) = self.messages.iter_mut().find(|(_, hands_off)| *hands_off) {
            *hands_off = false;
        }
    }

    /// Nothing waits any more: the session ends.
    pub(super) fn let_go(&mut self) {
        self.messages.iter_mut().for_each(|(_, hands_off)| *hands_off = false);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Takes the messages that can go out.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Bytes> {
        let ready = self.messages.iter().take_while(|(_, hands_off)| !hands_off).count();
        self.messages.drain(..ready).map(|(message, _)| message)
    }
}
