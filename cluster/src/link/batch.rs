//! Frames that go together.

use bytes::Bytes;

/// Frames are put together up to so many bytes.
const PACKET: usize = 64 << 10;
/// So many bytes are left free for what stands before the frames of a packet.
const ROOM: usize = 96;
/// How many bytes the first frame gets, if it is smaller.
const FIRST: usize = 256;

/// Frames that go together. They are written where they stay: a packet is made around them.
pub(super) struct Batch(Vec<u8>);

impl Batch {
    pub(super) fn of(frame: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity((ROOM + frame.len() + 1).max(FIRST));
        bytes.resize(ROOM, 0);
        bytes.extend_from_slice(frame);
        Self(bytes)
    }

    /// How many bytes the frames have.
    pub(super) fn len(&self) -> usize {
        self.0.len() - ROOM
    }

    /// Adds a frame, if there is room for it.
    pub(super) fn add(&mut self, frame: &[u8]) -> bool {
        let fits = self.len() + frame.len() <= PACKET;
        if fits {
            // The end of the packet needs a byte, too.
            let needed = self.0.len() + frame.len() + 1;
            if needed > self.0.capacity() {
                let room = (self.0.capacity() * 4).min(ROOM + PACKET + 1).max(needed);
                self.0.reserve_exact(room - self.0.len());
            }
            self.0.extend_from_slice(frame);
        }
        fits
    }

    /// Takes the frames that are the first so many bytes away.
    pub(super) fn split(&mut self, bytes: usize) -> Self {
        let first = Self::of(&self.0[ROOM..ROOM + bytes]);
        self.0.drain(ROOM..ROOM + bytes);
        first
    }

    /// The packet that begins so and ends so.
    pub(super) fn into_packet(self, beginning: &[u8], end: u8) -> Bytes {
        let Self(mut bytes) = self;
        let start = ROOM - beginning.len();
        bytes[start..ROOM].copy_from_slice(beginning);
        bytes.push(end);
        Bytes::from(bytes).slice(start..)
    }
}
