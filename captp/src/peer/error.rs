//! Why a peer cannot do what it was asked to do.

use marketplace::{Message, Text};

use crate::sessions::PeerName;

/// Why a peer cannot do what it was asked to do.
#[derive(Message, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[non_exhaustive]
pub enum PeerError {
    /// Nothing is published under that swiss number, or not any more.
    #[error("there is no object at that address")]
    NoObject,
    /// It is no address.
    #[error("that is no address of an object")]
    NoAddress,
    /// There is no session with a peer, and none comes to stand.
    #[error("`{peer}` cannot be reached: {why}")]
    Unreachable {
        /// The peer: designator and transport.
        peer: Text,
        /// The cause.
        why: Text,
    },
    /// Nobody could reach what is published.
    #[error("nobody can connect: {0}")]
    Deaf(Text),
    /// A hand-off was refused.
    #[error("the hand-off was refused: {0}")]
    Refused(Text),
}

impl PeerError {
    pub(super) fn unreachable(peer: &PeerName, why: &str) -> Self {
        Self::Unreachable { peer: peer.to_string().into(), why: why.into() }
    }
}
