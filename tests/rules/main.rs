//! The rules that the kernel obeys, each with tests that name it.
#![allow(clippy::type_complexity, reason = "tables of cases")]

mod apart;
mod destructors;
mod end_of_a_vm;
mod endpoints;
mod examples_of_the_manual;
mod exit;
mod failure;
mod garbage;
mod ground;
mod guest_endpoints;
mod handlers;
mod hearing;
mod limits;
mod messages;
mod nesting;
mod only;
mod outer_endpoints;
mod outward;
mod record;
mod refusal;
mod role_change;
mod runs;
mod scheduling;
mod shutdown;
mod sources;
mod structure;
mod support;
mod topics;
mod visibility;
