//! The log of turns and verb, by the rows and scenarios of the systems from which they come.

mod causes;
mod keeping;
mod laws;
mod length;
mod lines;
mod nothing;
mod objects;
mod peek;
#[path = "../laws/program.rs"]
#[allow(dead_code, reason = "the laws use more of it")]
mod program;
mod queries;
mod slow;
#[path = "../rules/support.rs"]
#[allow(dead_code, reason = "the rules use more of it")]
mod support;
mod verb;
