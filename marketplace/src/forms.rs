//! The forms of the DSL. Each is one line that says where the kernel is, so that a form works under
//! any name that a program gives the crate. Its documentation shows the expansion.

mod clauses;
mod endpoints;
mod filters;
mod processes;
mod trees;
