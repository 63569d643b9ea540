//! One thing that a gateway tells another of its network.
//!
//! After its kind, each frame has its *cause*: the number of the action by which it happened on the
//! machine that tells it. The frame that says what was there before has cause 0.

use std::sync::Arc;

#[cfg(test)]
use bytes::Bytes;
use marketplace::{Orientation, Reason, Role, Topic, Value};
use marketplace_captp::syrup::{Kind, Reader, Writer};
use marketplace_captp::value::Room;

use crate::wire::parts::{
    read_orientation, read_reason, read_role, read_topic, read_value, write, write_orientation, write_reason,
    write_role, write_topic,
};
use crate::wire::{BadBytes, NoData};

/// One thing that a gateway tells another of its network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    /// An endpoint, under this number.
    Announce(u64, Role),
    /// The endpoint has another role from now on.
    Change(u64, Role),
    /// The endpoint has gone.
    Withdraw(u64, Reason),
    /// A message, or feedback, from this side.
    Message(Orientation, Value),
    /// Conversations with a publisher of this topic are refused.
    Refuse(Topic, Value),
    /// All that was there at the beginning has been told.
    Picture,
    /// The machine leaves: all its endpoints go, for this reason.
    Leave(Reason),
}

impl Frame {
    /// Reads a frame, and its cause.
    pub(super) fn read(reader: &mut Reader<'_>, room: &mut Room) -> Result<(Self, u64), BadBytes> {
        reader.open(Kind::List)?;
        let kind = reader.symbol()?;
        let cause = number(reader)?;
        let frame = match kind {
            "announce" => Self::Announce(number(reader)?, read_role(reader, room)?),
            "change" => Self::Change(number(reader)?, read_role(reader, room)?),
            "withdraw" => Self::Withdraw(number(reader)?, read_reason(reader, room)?),
            "message" => Self::Message(read_orientation(reader)?, read_value(reader, room)?),
            "refuse" => Self::Refuse(read_topic(reader, room)?, read_value(reader, room)?),
            "picture" => Self::Picture,
            "leave" => Self::Leave(read_reason(reader, room)?),
            _ => return Err(BadBytes::No("frame")),
        };
        reader.close(Kind::List)?;
        Ok((frame, cause))
    }
}

/// How many bytes are kept for the next frame.
const KEPT: usize = 64 << 10;

/// Writes frames, each in the place of the one before.
#[derive(Default)]
pub(crate) struct FrameWriter(Writer);

impl FrameWriter {
    /// The frame that was written last.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Forgets the frame that was written last.
    pub(crate) fn clear(&mut self) {
        if self.bytes().len() > KEPT {
            self.0 = Writer::new();
        }
        self.0.truncate(0);
    }

    /// A role by itself.
    pub(crate) fn role(&mut self, role: &Role) -> Result<Arc<[u8]>, NoData> {
        self.clear();
        write_role(role, &mut self.0)?;
        Ok(self.bytes().into())
    }

    /// [`Frame::Announce`], of a role that is written already.
    pub(crate) fn announce(&mut self, cause: u64, id: u64, role: &[u8]) {
        self.with_role(b"[8'announce", cause, id, role);
    }

    /// [`Frame::Change`], of a role that is written already.
    pub(crate) fn change(&mut self, cause: u64, id: u64, role: &[u8]) {
        self.with_role(b"[6'change", cause, id, role);
    }

    pub(crate) fn withdraw(&mut self, cause: u64, id: u64, reason: &Reason) {
        self.listed(b"[8'withdraw", cause, |writer| {
            writer.int(id.into());
            write_reason(reason, writer);
        });
    }

    pub(crate) fn message(&mut self, cause: u64, from: Orientation, body: &Value) -> Result<(), NoData> {
        self.listed(b"[7'message", cause, |writer| {
            write_orientation(from, writer);
            write(body, writer)
        })
    }

    pub(crate) fn refuse(&mut self, cause: u64, topic: &Topic, why: &Value) -> Result<(), NoData> {
        self.listed(b"[6'refuse", cause, |writer| {
            write_topic(topic, writer)?;
            write(why, writer)
        })
    }

    pub(crate) fn picture(&mut self) {
        self.listed(b"[7'picture", 0, |_| {});
    }

    pub(crate) fn leave(&mut self, cause: u64, reason: &Reason) {
        self.listed(b"[5'leave", cause, |writer| write_reason(reason, writer));
    }

    fn with_role(&mut self, beginning: &[u8], cause: u64, id: u64, role: &[u8]) {
        self.listed(beginning, cause, |writer| {
            writer.int(id.into());
            writer.raw(role);
        });
    }

    /// Writes a list that begins so, with its kind.
    fn listed<T>(&mut self, beginning: &[u8], cause: u64, rest: impl FnOnce(&mut Writer) -> T) -> T {
        self.clear();
        let writer = &mut self.0;
        writer.raw(beginning);
        writer.int(cause.into());
        let written = rest(writer);
        writer.close(Kind::List);
        written
    }
}

/// Frames by themselves.
#[cfg(test)]
impl Frame {
    pub(crate) fn announce(cause: u64, id: u64, role: &[u8]) -> Bytes {
        written(|writer| writer.announce(cause, id, role))
    }

    pub(crate) fn change(cause: u64, id: u64, role: &[u8]) -> Bytes {
        written(|writer| writer.change(cause, id, role))
    }

    pub(crate) fn withdraw(cause: u64, id: u64, reason: &Reason) -> Bytes {
        written(|writer| writer.withdraw(cause, id, reason))
    }

    pub(crate) fn message(cause: u64, from: Orientation, body: &Value) -> Bytes {
        written(|writer| writer.message(cause, from, body).unwrap_or_else(|why| panic!("{why}")))
    }

    pub(crate) fn refuse(cause: u64, topic: &Topic, why: &Value) -> Bytes {
        written(|writer| writer.refuse(cause, topic, why).unwrap_or_else(|why| panic!("{why}")))
    }

    pub(crate) fn picture() -> Bytes {
        written(FrameWriter::picture)
    }

    pub(crate) fn leave(cause: u64, reason: &Reason) -> Bytes {
        written(|writer| writer.leave(cause, reason))
    }
}

#[cfg(test)]
fn written(write: impl FnOnce(&mut FrameWriter)) -> Bytes {
    let mut writer = FrameWriter::default();
    write(&mut writer);
    Bytes::copy_from_slice(writer.bytes())
}

/// Reads a number.
pub(super) fn number(reader: &mut Reader<'_>) -> Result<u64, BadBytes> {
    u64::try_from(reader.int()?).map_err(|_| BadBytes::No("number"))
}
