//! Endpoints, and the index that finds which of them meet.

pub(crate) mod endpoint;
pub(crate) mod heeds;
pub(crate) mod index;
pub(crate) mod owner;
