//! The rules that the kernel obeys, each with a test that names it.

mod scheduling;
mod structure;
mod support;
