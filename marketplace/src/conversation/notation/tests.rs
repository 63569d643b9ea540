//! What prints reads back; what is wrong is told; nothing panics.

mod examples;
mod hostile;
mod mistakes;
mod round_trip;
mod values;
