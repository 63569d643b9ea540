//! The DSL of the `marketplace` crate.
