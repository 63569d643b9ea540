//! The two streams of a link that stands.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use marketplace_captp::value::Room;

use crate::link::batch::Batch;
use crate::link::{News, Shown};
use crate::settings::Settings;
use crate::wire::{BadBytes, Clocks, Frames, Numbers, Packet};

/// How many frames, and bytes, may be under way that the other has not taken.
const WINDOW: usize = 4096;
const WINDOW_BYTES: usize = 4 << 20;
/// After so many frames, or bytes, the other is told that they were taken.
const TOLD: u64 = 1024;
const TOLD_BYTES: usize = 1 << 20;

/// The two streams of a link that stands.
pub(super) struct Standing {
    /// The numbers of the streams, which each side gives its own when it greets.
    own_stream: u64,
    other_stream: u64,
    /// The frames that wait, the size of each, and how many bytes they are.
    queue: VecDeque<Batch>,
    queued: VecDeque<usize>,
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
    pub(super) fn new(own_stream: u64, other_stream: u64, now: Duration) -> Self {
        Self {
            own_stream,
            other_stream,
            queue: VecDeque::new(),
            queued: VecDeque::new(),
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

    pub(super) const fn other_stream(&self) -> u64 {
        self.other_stream
    }

    /// The numbers of what we say.
    pub(super) const fn sends(&self) -> Numbers {
        Numbers { from: self.own_stream, to: self.other_stream }
    }

    /// The numbers of what we hear.
    pub(super) const fn hears(&self) -> Numbers {
        Numbers { from: self.other_stream, to: self.own_stream }
    }

    pub(super) fn push(&mut self, frame: &[u8]) {
        if !self.queue.back_mut().is_some_and(|batch| batch.add(frame)) {
            self.queue.push_back(Batch::of(frame));
        }
        self.queued.push_back(frame.len());
        self.queued_bytes += frame.len();
    }

    /// Whether more waits than may.
    pub(super) fn is_over(&self, settings: &Settings) -> bool {
        self.queued.len() > settings.queued || self.queued_bytes > settings.queued_bytes
    }

    /// Sends what waits, as far as the other has room. A frame that is larger than the room goes
    /// alone.
    pub(super) fn pump(&mut self, packets: &mut VecDeque<Bytes>) {
        while let Some(batch) = self.queue.front() {
            let (first, whole, mut bytes) = (self.sent + 1, batch.len(), 0);
            while bytes < whole
                && let Some(len) = self.queued.front().copied()
                && (self.under_way.is_empty()
                    || self.under_way.len() < WINDOW && self.under_way_bytes + len <= WINDOW_BYTES)
            {
                self.queued.pop_front();
                self.under_way.push_back(len);
                self.under_way_bytes += len;
                self.sent += 1;
                bytes += len;
            }
            if bytes == 0 {
                return;
            }
            self.queued_bytes -= bytes;
            let goes = match self.queue.front_mut() {
                Some(batch) if bytes < whole => Some(batch.split(bytes)),
                _ => self.queue.pop_front(),
            };
            let (beginning, end) = Packet::around_frames(self.sends(), first, self.taken);
            packets.extend(goes.map(|batch| batch.into_packet(&beginning, end)));
            self.is_told();
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
    pub(super) fn on_frames(
        &mut self,
        now: Duration,
        first: u64,
        mut frames: Frames,
        news: &mut VecDeque<News>,
    ) -> Result<bool, BadBytes> {
        self.heard_at = now;
        if first > self.taken + 1 {
            return Ok(frames.is_empty());
        }
        // Frames that have come before are passed over.
        for _ in first..=self.taken {
            if !frames.skip()? {
                break;
            }
        }
        let mut room = Room::default();
        while let Some((frame, bytes)) = frames.next(&mut room)? {
            news.push_back(News::Frame(frame, bytes));
            self.taken += 1;
            self.untold_bytes += bytes;
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
            self.send(&last, packets);
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
        (shown.queued, shown.queued_bytes) = (self.queued.len(), self.queued_bytes);
        shown.under_way = self.under_way.len();
        (shown.said, shown.heard) = (self.sent + self.queued.len() as u64, self.taken);
    }

    /// Says the number of the last frame, once in a quarter of the lease.
    pub(super) fn say_last(&mut self, now: Duration, settings: &Settings, packets: &mut VecDeque<Bytes>) {
        if self.said_at + settings.quarter() <= now {
            let last = self.last(now);
            self.send(&last, packets);
            self.said_at = now;
        }
    }

    pub(super) fn due(&self, settings: &Settings) -> Duration {
        (self.said_at + settings.quarter()).min(self.heard_at + settings.lease)
    }

    pub(super) fn is_silent(&self, now: Duration, settings: &Settings) -> bool {
        self.heard_at + settings.lease <= now
    }

    fn send(&mut self, packet: &Packet, packets: &mut VecDeque<Bytes>) {
        packets.push_back(packet.encode());
        self.is_told();
    }

    /// The other is told now how many frames were taken.
    const fn is_told(&mut self) {
        self.told = self.taken;
        self.untold_bytes = 0;
    }
}

/// The time, as clocks count it: never 0.
const fn clock_at(now: Duration) -> u64 {
    now.as_micros() as u64 + 1
}
