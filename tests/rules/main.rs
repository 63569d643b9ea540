//! The rules that the kernel obeys, each with a test that names it.

mod endpoints;
mod scheduling;
mod structure;
mod support;
mod topics;
mod visibility;
