//! Process identifiers.

use std::fmt;

use crate::data::message::Message;
use crate::data::value::{Value, View};

/// How deep VMs nest, and how many levels out an action can go. A step of the innermost VM takes
/// stack in every VM around it.
pub const MAX_LEVELS: usize = 64;

/// The key type of slots of processes, for code that does not know the type of a process.
pub(crate) enum OfProcess {}

/// Names a process at its VM's level: consecutive from 0, the boot process, and never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub(crate) u64);

impl Pid {
    /// The boot process of every VM.
    pub const BOOT: Self = Self(0);

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", self.0)
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl From<Pid> for Value {
    fn from(pid: Pid) -> Self {
        pid.to_value()
    }
}

impl Message for Pid {
    type Gives = Self;
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value.view() {
            View::Int(number) => Some(Self(number.try_into().ok()?)),
            _ => None,
        }
    }
}
