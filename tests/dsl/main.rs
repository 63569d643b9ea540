//! Every form of the DSL.
mod first;
