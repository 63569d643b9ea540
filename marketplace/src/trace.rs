//! stub
pub(crate) struct Trace;
