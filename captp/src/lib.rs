//! References between machines: E's CapTP, as OCapN speaks it.
//!
//! What holds between two processes of one VM holds between two machines, but for what a broken
//! connection breaks; and that is told.

pub mod session;
pub mod syrup;
pub mod value;
pub mod wire;

