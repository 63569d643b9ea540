//! Records of what happens: the trace, the log, and lines for people.

pub mod log;
mod queued;
pub(crate) mod recorder;
pub(crate) mod trace;
pub(crate) mod watched;
