//! The words of two peers are read and written as others read and write them.

mod addresses;
mod changes;
mod check;
mod hostile;
mod known;
mod recorded;
mod spellings;
#[path = "../transcripts/mod.rs"]
mod transcripts;
mod vectors;
