//! References between machines: E's CapTP, as OCapN speaks it.
//!
//! Sends, promises, identity and release hold between two machines as they do between two processes
//! of one VM. A broken connection breaks references, and their holders are told why.
//!
//! [`peer`](peer()) makes a vat a peer: [`Peer`] gives objects addresses, and
//! [`enliven`](enliven()) gets the object at one. [`link`](link()) joins two vats of one program.
//! The guide has a chapter, "Objects on other machines".

pub mod netlayer;
mod peer;
pub mod session;
mod sessions;
pub mod syrup;
pub mod transport;
pub mod value;
pub mod wire;

pub use self::peer::{
    CapTpSession, Crossing, Options, Peer, PeerError, SessionEnded, SessionRow, SessionState, SessionTable,
    crossings, enliven, link, peer,
};
