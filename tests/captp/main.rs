//! References between vats: the rules of CapTP, over two and three peers.

mod calls;
mod gifts;
mod hand_offs;
mod laws;
mod looking;
mod models;
mod order;
mod published;
mod scenarios;
mod secrets;
mod sessions;
mod sockets;
mod things;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix;
mod vats;
