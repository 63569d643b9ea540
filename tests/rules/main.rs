//! The rules that the kernel obeys, each with a test that names it.

mod endpoints;
mod exit;
mod failure;
mod handlers;
mod messages;
mod refusal;
mod role_change;
mod scheduling;
mod structure;
mod support;
mod topics;
mod visibility;
