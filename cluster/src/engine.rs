//! The part of a cluster that finds machines and carries bytes.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use marketplace::Text;

use crate::settings::Settings;

/// The part of a cluster that finds machines and carries bytes between two of them.
///
/// A machine is a name and an *epoch*: a random number that its gateway has as long as it runs. An
/// engine carries packets in order, or loses some: what is lost, or comes twice, the gateway finds
/// out. A machine speaks under its own name only.
///
/// The host polls it in one task. A method that has work for later calls the waker.
pub trait Engine: Send {
    /// Called before all else, with the bounds and times of the gateway. Unless the engine says
    /// otherwise, it has no use for them.
    fn heed(&mut self, settings: &Settings) {
        let _ = settings;
    }

    /// Called once, before what follows: the machine has this name and epoch.
    fn open(&mut self, name: &Text, epoch: u64);

    /// Takes a packet for a machine. After [`Sending::Full`] it has not taken it, and is asked
    /// again after [`EngineEvent::Ready`]. A packet for a machine to which there is no way is lost.
    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending;

    /// The next event.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent>;

    /// Sends what was taken, as far as that is possible, also while no event is wanted. Unless the
    /// engine says otherwise, that is done already.
    fn poll_flush(&mut self, cx: &mut Context<'_>) {
        let _ = cx;
    }

    /// Called last: it is ready when the packets that were taken are sent, as far as that is
    /// possible, and the machine is gone for the others. The engine is dropped then, or after the
    /// grace period of the host; it may be dropped without it, too.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// An engine that stands for this one in a [sim](marketplace::sim), in the time of the sim.
    /// Unless the engine says otherwise, there is none.
    fn stand_in(&self) -> Option<Box<dyn Engine>> {
        None
    }

    /// In a sim: when the next event comes.
    fn due(&self) -> Option<Duration> {
        None
    }
}

/// Whether a packet was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It was.
    Taken,
    /// It was not: there is no room now.
    Full,
}

/// The events of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineEvent {
    /// There is a way to this machine, of this epoch.
    Up(Text, u64),
    /// There is none any more.
    Down(Text, u64),
    /// A packet has come from it.
    From(Text, u64, Bytes),
    /// There is room for packets to it again.
    Ready(Text, u64),
}

impl Engine for Box<dyn Engine> {
    fn heed(&mut self, settings: &Settings) {
        (**self).heed(settings);
    }

    fn open(&mut self, name: &Text, epoch: u64) {
        (**self).open(name, epoch);
    }

    fn send(&mut self, to: &Text, epoch: u64, packet: &Bytes) -> Sending {
        (**self).send(to, epoch, packet)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<EngineEvent> {
        (**self).poll_event(cx)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) {
        (**self).poll_flush(cx);
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        (**self).poll_close(cx)
    }

    fn stand_in(&self) -> Option<Box<dyn Engine>> {
        (**self).stand_in()
    }

    fn due(&self) -> Option<Duration> {
        (**self).due()
    }
}
