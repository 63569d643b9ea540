//! The two streams of a link that stands.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::link::{News, Shown};
use crate::settings::Settings;
use crate::wire::{BadBytes, Clocks, Frame, Numbers, Packet};

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
    /// The other's clock as it was heard last, and when.
    clock: Option<(u64, Duration)>,
    round_trip: Option<Duration>,
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
            clock: None,
            round_trip: None,
        }
    }

    pub(super) const fn theirs(&self) -> u64 {
        self.theirs
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
        if first > self.taken + 1 {
            return Ok(frames.is_empty());
        }
        // Frames that have come before are passed over.
        let known = usize::try_from(self.taken + 1 - first).unwrap_or(usize::MAX);
        for bytes in frames.into_iter().skip(known) {
            let frame = Frame::decode(&bytes)?;
            news.push_back(News::Frame(frame, bytes.len()));
            self.taken += 1;
            self.untold_bytes += bytes.len();
        }
        Ok(true)
    }

    /// Whether this is the last frame that was taken.
    pub(super) const fn is_whole(&mut self, now: Duration, last: u64) -> bool {
        self.heard_at = now;
        // One that comes twice is older than what came since.
        last <= self.taken
    }

    /// Measures how long a packet and its answer are under way.
    pub(super) fn measure(&mut self, now: Duration, clocks: Clocks) {
        // One that comes twice measures nothing.
        if self.clock.is_some_and(|(known, _)| clocks.said <= known) {
            return;
        }
        self.clock = Some((clocks.said, now));
        if clocks.heard > 0 {
            let since = clocks.heard.saturating_add(clocks.since);
            self.round_trip = Some(Duration::from_micros(clock_at(now).saturating_sub(since)));
        }
    }

    /// Tells the other what was taken, if that is much.
    pub(super) fn answer(&mut self, now: Duration, packets: &mut VecDeque<Bytes>) {
        if self.taken - self.told >= TOLD || self.untold_bytes >= TOLD_BYTES {
            let last = self.last(now);
            self.tell(last, packets);
        }
    }

    fn last(&self, now: Duration) -> Packet {
        let (heard, at) = self.clock.unwrap_or((0, now));
        let clocks = Clocks { said: clock_at(now), heard, since: now.saturating_sub(at).as_micros() as u64 };
        Packet::Last { numbers: self.sends(), last: self.sent, taken: self.taken, clocks }
    }

    /// The link as it is shown.
    pub(super) fn show(&self, shown: &mut Shown) {
        shown.phase = "stands";
        shown.round_trip = self.round_trip;
        (shown.queued, shown.queued_bytes) = (self.queue.len(), self.queued_bytes);
        shown.under_way = self.under_way.len();
        (shown.said, shown.heard) = (self.sent + self.queue.len() as u64, self.taken);
    }

    /// Says the number of the last frame, once in a quarter of the lease.
    pub(super) fn say_last(&mut self, now: Duration, settings: &Settings, packets: &mut VecDeque<Bytes>) {
        if self.said_at + settings.quarter() <= now {
            let last = self.last(now);
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

/// The time, as clocks count it: never 0.
const fn clock_at(now: Duration) -> u64 {
    now.as_micros() as u64 + 1
}
