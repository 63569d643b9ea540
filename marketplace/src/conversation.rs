//! What processes talk about: topics, roles, events; who they are; and the way on which answers go
//! back.

pub(crate) mod duct;
pub(crate) mod event;
pub mod notation;
pub(crate) mod part;
pub(crate) mod pid;
pub(crate) mod role;
pub(crate) mod topic;
