//! Vats, as programs see them.

mod stage;

mod demo;
