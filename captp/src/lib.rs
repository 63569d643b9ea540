//! References between machines: E's CapTP, as OCapN speaks it.
//!
//! What holds between two processes of one VM holds between two machines, but for what a broken
//! connection breaks; and that is told.

pub mod netlayer;
mod peer;
pub mod session;
mod sessions;
pub mod syrup;
pub mod value;
pub mod wire;

pub use self::peer::{CapTpSession, Options, Peer, PeerError, SessionEnded, enliven, link, peer};
