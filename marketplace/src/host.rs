//! Hosts, which turn a ground VM over.

pub mod exports;
#[cfg(feature = "tokio")]
pub mod ground;
#[cfg(feature = "inspector")]
pub mod inspector;
#[cfg(feature = "shell")]
pub mod shell;
pub mod sim;
#[cfg(feature = "tokio")]
pub mod vat;
