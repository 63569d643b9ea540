//! Two sessions, joined by bytes.

mod counts;
mod faults;
mod inbox;
mod model;
mod settling;
mod speaking;
mod stage;
mod walk;
