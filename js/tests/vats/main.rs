//! Vats, as programs see them.

mod confinement;
mod demo;
mod determinism;
mod identity;
mod loading;
mod public;
mod rust;
mod sends;
mod shell;
mod stage;
mod threads;
mod turns;
mod values;
