//! The bytes between two gateways.
//!
//! A *frame* is one thing that a gateway tells another of its network. A *packet* is what an engine
//! carries: a greeting, numbered frames, or a word about the stream. Both are lists in Syrup, whose
//! first item says which they are.

mod frame;
mod frames;
mod packet;
mod parts;

pub(crate) use self::frame::{Frame, FrameWriter};
pub(crate) use self::frames::Frames;
pub(crate) use self::packet::{Clocks, Greeting, Numbers, Packet};
pub(crate) use self::parts::label_of;

/// A role by itself, as it is written.
#[cfg(test)]
pub(crate) fn encode_role(role: &marketplace::Role) -> Result<std::sync::Arc<[u8]>, NoData> {
    FrameWriter::default().role(role)
}

use marketplace::TooDeep;
use marketplace_captp::syrup::{Limits, SyrupError};
use marketplace_captp::value::{Unpassable, Unreadable};

/// The number of the protocol.
pub(crate) const PROTOCOL: u64 = 1;

/// Why something stays on its machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoData {
    #[error("{0}")]
    Unpassable(#[from] Unpassable),
    #[error("it reads as a wildcard")]
    Wildcard,
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
}

/// Why bytes are no packet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadBytes {
    #[error(transparent)]
    Value(#[from] Unreadable),
    #[error("this is no {0}")]
    No(&'static str),
}

impl From<SyrupError> for BadBytes {
    fn from(error: SyrupError) -> Self {
        Self::Value(error.into())
    }
}

/// The bounds of what is read: a packet is bounded by its engine and its window.
const fn limits(bytes: usize) -> Limits {
    Limits { bytes, depth: 1024 }
}
