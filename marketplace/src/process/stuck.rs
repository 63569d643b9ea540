//! Processes that wait for promises which nobody settles.

use std::fmt;

use crate::data::one_line::one_line;
use crate::data::symbol::Symbol;

/// Processes wait for a promise, and nothing is left that would settle it. A debug build looks for
/// them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stuck {
    /// The processes that wait, [by names](crate::Exit::path): the first of them, each once. In a
    /// ring each waits for the next.
    pub who: Vec<String>,
    /// The promise for which they wait.
    pub on: StuckOn,
}

/// The promise that nobody settles.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StuckOn {
    /// Several promises, each of which is to be settled after the next, in a ring.
    EachOther,
    /// An object that was never spawned, or the answer to a message to it.
    NeverSpawned {
        /// The verb of the first message that waits for it.
        verb: Option<Symbol>,
    },
    /// A promise that was not settled when the program ended: its resolver is kept, or it is the
    /// answer of an object that was never spawned.
    NeverSettled,
}

impl Stuck {
    /// How many are named.
    #[cfg(debug_assertions)]
    pub(crate) const MOST_WHO: usize = 10;
}

/// The fault and the remedy, in one line.
impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, on } = self;
        match on {
            StuckOn::EachOther => {
                f.write_str("promises wait for each other, so none is ever settled: ")?;
                for (at, one) in who.iter().enumerate() {
                    let next = &who[(at + 1) % who.len()];
                    let (between, one, next) =
                        (if at > 0 { ", " } else { "" }, one_line(one), one_line(next));
                    write!(f, "{between}{one} waits for {next}")?;
                }
                f.write_str("; let one of them answer without waiting for the other")
            }
            StuckOn::NeverSpawned { verb } => {
                write_who(f, who)?;
                match verb {
                    Some(verb) => {
                        write!(f, " for the answer to `{}`, whose object", one_line(verb.as_str()))?
                    }
                    None => f.write_str(" for an object that")?,
                }
                f.write_str(" was never spawned: its spawn is not among the actions")
            }
            StuckOn::NeverSettled => {
                write_who(f, who)?;
                f.write_str(
                    " for a promise that nobody has settled: is the spawn of its object among the actions, or was its \
                     resolver kept and never used?",
                )
            }
        }
    }
}

fn write_who(f: &mut fmt::Formatter<'_>, who: &[String]) -> fmt::Result {
    for (at, one) in who.iter().enumerate() {
        write!(f, "{}{}", if at > 0 { ", " } else { "" }, one_line(one))?;
    }
    f.write_str(if who.len() == 1 { " waits" } else { " wait" })
}
