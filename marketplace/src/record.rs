//! What is kept of what happens.

pub mod log;
pub(crate) mod recorder;
pub(crate) mod trace;
