//! Names that nothing else has.

use std::fmt;

use crate::data::numbers::{self, Shown};

/// A name that was never used before: [`let_fresh!`](crate::let_fresh) binds one. It is `Copy`, so
/// handlers can capture it freely. It prints as `fresh#7`, or as `fresh#x7` if it was made outside
/// of every VM.
///
/// ```
/// use marketplace::Fresh;
/// assert_ne!(Fresh::new(), Fresh::new());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fresh(u64);

impl Fresh {
    /// A new name, from the counter of the VM whose turn is running. Outside every turn it comes
    /// from a counter of the thread: unlike any name from a turn, but two threads can make equal
    /// ones.
    #[allow(clippy::new_without_default, reason = "two defaults would not be equal")]
    #[must_use]
    pub fn new() -> Self {
        Self(numbers::fresh())
    }

    /// The number by which it is printed.
    pub(super) const fn shown(self) -> Shown {
        Shown(self.0)
    }
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fresh#{}", self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::opaque::Opaque;
    use crate::prelude::*;
    use crate::sim::Sim;

    /// Turns and threads have counters of their own, so one number may be given twice.
    #[test]
    fn names_that_a_host_has_made_print_otherwise() {
        let printed = || [format!("{:?}", Fresh::new()), format!("{:?}", Opaque::new(()))];
        let mut sim = Sim::new(move |_| transition_no_state!(printed().map(|text| send_message!(text))));
        sim.run();
        let begins = |texts: &[String], begins: [&str; 2]| {
            texts.iter().zip(begins).all(|(text, begin)| {
                text.strip_prefix(begin).is_some_and(|number| number.parse::<u64>().is_ok())
            })
        };
        let inside: Vec<_> = sim.messages_of::<Text>().iter().map(ToString::to_string).collect();
        assert!(begins(&inside, ["fresh#", "#"]), "{inside:?}");
        assert!(begins(&printed(), ["fresh#x", "#x"]), "{:?}", printed());
    }
}
