//! The two streams of a link that stands.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::link::News;
use crate::settings::Settings;
use crate::wire::{BadBytes, Frame, Numbers, Packet};

/// How many frames, and bytes, may be under way that the other has not taken.
const WINDOW: usize = 4096;
const WINDOW_BYTES: usize = 4 << 20;
/// After so many frames, or bytes, the other is told that they were taken.
const TOLD: u64 = 1024;
const TOLD_BYTES: usize = 1 << 20;
/// Frames are put together up to so many bytes.
const PACKET: usize = 64 << 10;

/// The two streams of a link that stands.
pub(super) struct Standing {
    mine: u64,
    theirs: u64,
    /// The frames that wait, and how many bytes they are.
    queue: VecDeque<Bytes>,
    queued_bytes: usize,
    /// The last frame that was sent, and the sizes of those that the other has not taken.
    sent: u64,
    under_way: VecDeque<usize>,
    under_way_bytes: usize,
    /// The last frame that was taken, the last one of which the other knows, and the bytes since.
    taken: u64,
    told: u64,
    untold_bytes: usize,
    /// When something was heard last, and when the last number was said.
    heard_at: Duration,
    said_at: Duration,
}

impl Standing {
    pub(super) fn new(mine: u64, theirs: u64, now: Duration) -> Self {
        Self {
            mine,
            theirs,
            queue: VecDeque::new(),
            queued_bytes: 0,
            sent: 0,
            under_way: VecDeque::new(),
            under_way_bytes: 0,
            taken: 0,
            told: 0,
            untold_bytes: 0,
            heard_at: now,
            said_at: now,
        }
    }

    pub(super) const fn theirs(&self) -> u64 {
        self.theirs
    }

    /// How many frames were taken.
    pub(super) const fn taken(&self) -> u64 {
        self.taken
    }

    /// The numbers of what we say.
    pub(super) const fn sends(&self) -> Numbers {
        Numbers { from: self.mine, to: self.theirs }
    }

    /// The numbers of what we hear.
    pub(super) const fn hears(&self) -> Numbers {
        Numbers { from: self.theirs, to: self.mine }
    }

    pub(super) fn push(&mut self, frame: Bytes) {
        self.queued_bytes += frame.len();
        self.queue.push_back(frame);
    }

    /// Whether more waits than may.
    pub(super) fn is_over(&self, settings: &Settings) -> bool {
        self.queue.len() > settings.queued || self.queued_bytes > settings.queued_bytes
    }

    /// Sends what waits, as far as the other has room. A frame that is larger than the room goes
    /// alone.
    pub(super) fn pump(&mut self, packets: &mut VecDeque<Bytes>) {
        loop {
            let (first, mut frames, mut bytes) = (self.sent + 1, Vec::new(), 0);
            while let Some(frame) = self.queue.front() {
                let len = frame.len();
                let room = self.under_way.is_empty()
                    || self.under_way.len() < WINDOW && self.under_way_bytes + len <= WINDOW_BYTES;
                if !room || bytes > 0 && bytes + len > PACKET {
                    break;
                }
                bytes += len;
                self.sent += 1;
                self.queued_bytes -= len;
                self.under_way.push_back(len);
                self.under_way_bytes += len;
                frames.extend(self.queue.pop_front());
            }
            if frames.is_empty() {
                return;
            }
            let packet = Packet::Frames { numbers: self.sends(), first, taken: self.taken, frames };
            self.tell(packet, packets);
        }
    }

    /// The other has taken our frames up to this one.
    pub(super) fn acknowledge(&mut self, taken: u64) -> Result<(), BadBytes> {
        if taken > self.sent {
            return Err(BadBytes::No("frame that was sent"));
        }
        let known = self.sent - self.under_way.len() as u64;
        for _ in known..taken {
            self.under_way_bytes -= self.under_way.pop_front().unwrap_or(0);
        }
        Ok(())
    }

    /// Takes frames, but for those that have come before. Says whether none is missing.
    pub(super) fn take(
        &mut self,
        now: Duration,
        first: u64,
        frames: Vec<Bytes>,
        news: &mut VecDeque<News>,
    ) -> Result<bool, BadBytes> {
        self.heard_at = now;
        for (frame, number) in frames.into_iter().zip(first..) {
            if number <= self.taken {
                continue;
            }
            if number != self.taken + 1 {
                return Ok(false);
            }
            news.push_back(News::Frame(Frame::decode(&frame)?));
            self.taken = number;
            self.untold_bytes += frame.len();
        }
        Ok(true)
    }

    /// Whether this is the last frame that was taken.
    pub(super) const fn is_whole(&mut self, now: Duration, last: u64) -> bool {
        self.heard_at = now;
        // One that comes twice is older than what came since.
        last <= self.taken
    }

    /// Tells the other what was taken, if that is much.
    pub(super) fn answer(&mut self, packets: &mut VecDeque<Bytes>) {
        if self.taken - self.told >= TOLD || self.untold_bytes >= TOLD_BYTES {
            let last = Packet::Last { numbers: self.sends(), last: self.sent, taken: self.taken };
            self.tell(last, packets);
        }
    }

    /// Says the number of the last frame, once in a quarter of the lease.
    pub(super) fn say_last(&mut self, now: Duration, settings: &Settings, packets: &mut VecDeque<Bytes>) {
        if self.said_at + settings.quarter() <= now {
            let last = Packet::Last { numbers: self.sends(), last: self.sent, taken: self.taken };
            self.tell(last, packets);
            self.said_at = now;
        }
    }

    pub(super) fn due(&self, settings: &Settings) -> Duration {
        (self.said_at + settings.quarter()).min(self.heard_at + settings.lease)
    }

    pub(super) fn is_silent(&self, now: Duration, settings: &Settings) -> bool {
        self.heard_at + settings.lease <= now
    }

    fn tell(&mut self, packet: Packet, packets: &mut VecDeque<Bytes>) {
        self.told = self.taken;
        self.untold_bytes = 0;
        packets.push_back(packet.encode());
    }
}
