//! Endpoints that wait for a driver which is not there.

use crate::data::driver::Driver;
use crate::data::symbol::Symbol;

/// A process waits for a driver that is not in its VM, or has said something to it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unmet {
    /// The driver.
    pub driver: Driver,
    /// The label of the messages for which it answers.
    pub label: Symbol,
    /// The process, [by names](crate::Exit::path), or `host`.
    pub who: String,
    /// Whether it has said something that nobody heard; else it has an endpoint that meets nobody.
    pub said: bool,
    /// How many VMs are around the process, the ground VM not counted.
    pub depth: usize,
    /// Whether the driver is in a VM around.
    pub is_further_out: bool,
}
