//! The frames of a packet, one after the other, as they are written.

use bytes::{Buf, Bytes};
use marketplace_captp::syrup::Reader;
use marketplace_captp::value::Room;

use crate::wire::{BadBytes, Frame, limits};

/// The frames of a packet, one after the other, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frames(pub(super) Bytes);

impl Frames {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the next frame, and says how many bytes it has.
    pub(crate) fn next(&mut self, room: &mut Room) -> Result<Option<(Frame, usize)>, BadBytes> {
        Ok(self.next_with_cause(room)?.map(|(frame, _, bytes)| (frame, bytes)))
    }

    /// Reads the next frame with its cause, and says how many bytes it has.
    pub(crate) fn next_with_cause(
        &mut self,
        room: &mut Room,
    ) -> Result<Option<(Frame, u64, usize)>, BadBytes> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut reader = self.reader();
        let (frame, cause) = Frame::read(&mut reader, room)?;
        let bytes = reader.at();
        self.0.advance(bytes);
        Ok(Some((frame, cause, bytes)))
    }

    /// Passes over the next frame, if there is one.
    pub(crate) fn skip(&mut self) -> Result<bool, BadBytes> {
        if self.is_empty() {
            return Ok(false);
        }
        let bytes = self.reader().skip()?.len();
        self.0.advance(bytes);
        Ok(true)
    }

    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.0, limits(self.0.len()))
    }
}

#[cfg(test)]
impl From<Vec<Bytes>> for Frames {
    fn from(frames: Vec<Bytes>) -> Self {
        Self(frames.concat().into())
    }
}
