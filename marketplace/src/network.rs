//! Endpoints, and which of them meet.

pub(crate) mod endpoint;
pub(crate) mod index;
pub(crate) mod owner;
