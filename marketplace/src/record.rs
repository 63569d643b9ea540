//! What is kept of what happens.

pub mod log;
mod queued;
pub(crate) mod recorder;
pub(crate) mod trace;
