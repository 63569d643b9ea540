//! Endpoints that wait for a driver which is not there.

use std::fmt;

use crate::data::driver::Driver;
use crate::data::one_line::one_line;
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

/// The fault and the remedy, in one line.
impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { driver: Driver { kind, action, relay }, label, who, said, depth, is_further_out } = self;
        let who = one_line(who);
        match said {
            true => write!(f, "nobody hears the {label} of {who}")?,
            false => write!(f, "nobody answers {who}, which waits for {label}")?,
        }
        write!(f, ": there is no {kind} in its VM; ")?;
        match (is_further_out, depth, relay) {
            (true, _, Some(relay)) => write!(
                f,
                "there is one in a VM around: add `{relay}` to the actions of its VM, or speak `at_meta_level!(..)`"
            ),
            (true, _, None) => {
                f.write_str("it is in a VM around, with which one speaks `at_meta_level!(..)`")
            }
            (false, 0, _) => write!(f, "add `{action}` to the actions of the ground VM"),
            (false, _, Some(relay)) => {
                write!(f, "add `{action}` to the actions of the ground VM, and `{relay}` to those of its VM")
            }
            (false, _, None) => {
                write!(f, "add `{action}` to the actions of the ground VM, and speak `at_meta_level!(..)`")
            }
        }
    }
}
