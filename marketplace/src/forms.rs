//! The forms of the DSL. Each is one line that says where the kernel is, so that it works whatever
//! the crate is called where it is used; its documentation shows what it expands to.

mod clauses;
mod endpoints;
mod processes;
mod trees;
