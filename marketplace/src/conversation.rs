//! The words of a conversation: topics, roles, events and PIDs; and ducts, on which answers go
//! back.

pub(crate) mod called;
pub(crate) mod duct;
pub(crate) mod event;
pub mod notation;
pub(crate) mod part;
pub(crate) mod pid;
pub(crate) mod promise;
pub(crate) mod role;
pub(crate) mod topic;
