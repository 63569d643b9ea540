//! Names of endpoints that were most likely not meant as they are written.

use std::fmt;

use crate::data::one_line::one_line;
use crate::data::value::Value;

/// The name of an endpoint is most likely not meant as it is written. A debug build notices that.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Misnamed {
    /// The name.
    pub name: Value,
    /// The process, [by names](crate::Exit::path).
    pub who: String,
    /// The reason to think so.
    pub why: WhyMisnamed,
}

/// Why a name is most likely not meant as it is written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WhyMisnamed {
    /// The process deletes an endpoint of this name, and has never had one; it has had one of
    /// nearly that name.
    NeverThere {
        /// The name that it has had.
        nearest: Value,
    },
    /// One transition has added two endpoints of this name.
    Twice,
}

impl Misnamed {
    /// Of how many a host is told.
    #[cfg(debug_assertions)]
    pub(crate) const MOST: usize = 20;
}

/// The fault and the remedy, in one line.
impl fmt::Display for Misnamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, who, why } = self;
        let (name, who) = (one_line(name), one_line(who));
        match why {
            WhyMisnamed::NeverThere { nearest } => write!(
                f,
                "{who} deletes the endpoint {name}, and has never had one of this name: it has had {}",
                one_line(nearest)
            ),
            WhyMisnamed::Twice => write!(
                f,
                "{who} adds two endpoints of the name {name} in one transition, so the second takes the place of \
                 the first: give them different names"
            ),
        }
    }
}
