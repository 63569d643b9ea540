//! One thing that a gateway tells another of its network.
//!
//! After its kind, each frame has its *cause*: the number of the action by which it happened on the
//! machine that tells it. The frame that says what was there before has cause 0.

use bytes::Bytes;
use marketplace::{Orientation, Reason, Role, Topic, Value};
use marketplace_captp::syrup::{Kind, Reader, Writer};

use crate::wire::parts::{
    read, read_orientation, read_reason, read_role, read_topic, write, write_orientation, write_reason,
    write_topic,
};
use crate::wire::{BadBytes, NoData, limits};

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
    /// [`Frame::Announce`], of a role that is written already.
    pub(crate) fn announce(cause: u64, id: u64, role: &[u8]) -> Bytes {
        with_role("announce", cause, id, role)
    }

    /// [`Frame::Change`], of a role that is written already.
    pub(crate) fn change(cause: u64, id: u64, role: &[u8]) -> Bytes {
        with_role("change", cause, id, role)
    }

    pub(crate) fn withdraw(cause: u64, id: u64, reason: &Reason) -> Bytes {
        listed("withdraw", cause, |writer| {
            writer.int(id.into());
            write_reason(reason, writer);
        })
    }

    pub(crate) fn message(cause: u64, from: Orientation, body: &Value) -> Result<Bytes, NoData> {
        let mut written = Ok(());
        let bytes = listed("message", cause, |writer| {
            write_orientation(from, writer);
            written = write(body, writer);
        });
        written.map(|()| bytes)
    }

    pub(crate) fn refuse(cause: u64, topic: &Topic, why: &Value) -> Result<Bytes, NoData> {
        let mut written = Ok(());
        let bytes = listed("refuse", cause, |writer| {
            written = write_topic(topic, writer).and_then(|()| write(why, writer));
        });
        written.map(|()| bytes)
    }

    pub(crate) fn picture() -> Bytes {
        listed("picture", 0, |_| {})
    }

    pub(crate) fn leave(cause: u64, reason: &Reason) -> Bytes {
        listed("leave", cause, |writer| write_reason(reason, writer))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes, limits(bytes.len()));
        reader.open(Kind::List)?;
        let kind = reader.symbol()?;
        number(&mut reader)?;
        let frame = match kind {
            "announce" => Self::Announce(number(&mut reader)?, read_role(&mut reader)?),
            "change" => Self::Change(number(&mut reader)?, read_role(&mut reader)?),
            "withdraw" => Self::Withdraw(number(&mut reader)?, read_reason(&mut reader)?),
            "message" => Self::Message(read_orientation(&mut reader)?, read(&mut reader)?),
            "refuse" => Self::Refuse(read_topic(&mut reader)?, read(&mut reader)?),
            "picture" => Self::Picture,
            "leave" => Self::Leave(read_reason(&mut reader)?),
            _ => return Err(BadBytes::No("frame")),
        };
        reader.close(Kind::List)?;
        reader.finish()?;
        Ok(frame)
    }

    /// The cause of a written frame.
    pub(crate) fn cause(bytes: &[u8]) -> Result<u64, BadBytes> {
        let mut reader = Reader::new(bytes, limits(bytes.len()));
        reader.open(Kind::List)?;
        reader.symbol()?;
        number(&mut reader)
    }
}

fn with_role(kind: &str, cause: u64, id: u64, role: &[u8]) -> Bytes {
    listed(kind, cause, |writer| {
        writer.int(id.into());
        writer.raw(role);
    })
}

fn listed(kind: &str, cause: u64, rest: impl FnOnce(&mut Writer)) -> Bytes {
    let mut writer = Writer::new();
    writer.open(Kind::List);
    writer.symbol(kind);
    writer.int(cause.into());
    rest(&mut writer);
    writer.close(Kind::List);
    writer.into_bytes().into()
}

/// Reads a number.
pub(super) fn number(reader: &mut Reader<'_>) -> Result<u64, BadBytes> {
    u64::try_from(reader.int()?).map_err(|_| BadBytes::No("number"))
}
