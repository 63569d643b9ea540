//! Printed texts read back; mistakes are reported; nothing panics.

mod examples;
mod hostile;
mod mistakes;
mod round_trip;
mod values;
