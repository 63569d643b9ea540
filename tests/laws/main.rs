//! Laws that hold for every program, tried on random ones.

mod counts;
mod objects;
mod oracle;
mod program;
mod robustness;
#[path = "../rules/support.rs"]
#[allow(dead_code, reason = "the rules use more of it")]
mod support;
mod traces;
