//! Operations as they are written: in one of three spellings.

use crate::syrup::{Kind, Writer};
use crate::wire::{Import, To};

/// How the protocol is written. All are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// Each message behind its length: as of August 2026.
    #[default]
    Framed,
    /// Messages behind each other: as of April 2026.
    Next,
    /// As `Next`, but with `op:deliver-only`, `op:gc-export` and `op:gc-answer`: as of February
    /// 2026.
    Snapshot,
}

impl Spelling {
    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Framed => "framed",
            Self::Next => "next",
            Self::Snapshot => "snapshot",
        }
    }

    /// Writes a message; `args` writes the list of its parts. Without `answer` and `resolver` it is
    /// one without an answer.
    ///
    /// # Errors
    /// Those of `args`. The bytes that were written are to be taken back.
    pub fn deliver<E>(
        self,
        writer: &mut Writer,
        to: To,
        args: impl FnOnce(&mut Writer) -> Result<(), E>,
        answer: Option<u64>,
        resolver: Option<Import>,
    ) -> Result<(), E> {
        let short = self == Self::Snapshot && answer.is_none() && resolver.is_none();
        writer.open(Kind::Record);
        writer.symbol(if short { "op:deliver-only" } else { "op:deliver" });
        to.write(writer);
        args(writer)?;
        if !short {
            match answer {
                Some(position) => writer.int(position.into()),
                None => writer.bool(false),
            }
            match resolver {
                Some(resolver) => resolver.write(writer),
                None => writer.bool(false),
            }
        }
        writer.close(Kind::Record);
        Ok(())
    }

    /// Writes that somebody listens to a promise.
    pub fn listen(self, writer: &mut Writer, to: To, listener: Import) {
        writer.open(Kind::Record);
        writer.symbol("op:listen");
        to.write(writer);
        listener.write(writer);
        // The listener wants to hear of no promise in between.
        writer.bool(false);
        writer.close(Kind::Record);
    }

    /// Writes which exports of the receiver nobody here has any more.
    pub fn gc_exports(self, writer: &mut Writer, released: &[(u64, u64)]) {
        writer.open(Kind::Record);
        writer.symbol(if self == Self::Snapshot { "op:gc-export" } else { "op:gc-exports" });
        positions(writer, released.iter().map(|(position, _)| *position));
        positions(writer, released.iter().map(|(_, count)| *count));
        writer.close(Kind::Record);
    }

    /// Writes which answers nobody here wants any more.
    pub fn gc_answers(self, writer: &mut Writer, released: &[u64]) {
        writer.open(Kind::Record);
        writer.symbol(if self == Self::Snapshot { "op:gc-answer" } else { "op:gc-answers" });
        positions(writer, released.iter().copied());
        writer.close(Kind::Record);
    }

    /// Writes the end.
    pub fn abort(self, writer: &mut Writer, reason: &str) {
        writer.open(Kind::Record);
        writer.symbol("op:abort");
        writer.text(reason);
        writer.close(Kind::Record);
    }

    /// The message as it goes to the other side: with its length before it, if this spelling wants
    /// that.
    #[must_use]
    pub fn framed(self, message: Vec<u8>) -> Vec<u8> {
        if self != Self::Framed {
            return message;
        }
        let mut frame = format!("{}:", message.len()).into_bytes();
        frame.extend(message);
        frame
    }
}

fn positions(writer: &mut Writer, positions: impl IntoIterator<Item = u64>) {
    writer.open(Kind::List);
    for position in positions {
        writer.int(position.into());
    }
    writer.close(Kind::List);
}
