//! The rules that the kernel obeys, each with a test that names it.

mod endpoints;
mod failure;
mod handlers;
mod messages;
mod refusal;
mod review;
mod role_change;
mod scheduling;
mod structure;
mod support;
mod topics;
mod visibility;
