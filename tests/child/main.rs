//! The child driver, with real children.
#![cfg(unix)]

mod ends;
mod flow;
mod inherits;
mod leftovers;
mod starts;
mod support;
