//! Types that are one message though nobody meant them to be.

use std::fmt;

use crate::data::one_line::one_line;
use crate::data::symbol::Symbol;

/// Two types with one label and as many fields are used in a VM, and the fields differ. A debug
/// build notices it at the endpoint that brings the second type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Twins {
    /// The label that both have.
    pub label: Symbol,
    /// The paths of the types, the first one first.
    pub types: [&'static str; 2],
    /// The first field in which they differ, as each of the two has it: `name: Type`.
    pub fields: [String; 2],
    /// The process whose endpoint brings the second type, [by names](crate::Exit::path).
    pub who: String,
}

/// The fault and the remedies, in one line.
impl fmt::Display for Twins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, types: [first, second], fields: [mine, theirs], who } = self;
        let (label, who) = (one_line(label.as_str()), one_line(who));
        write!(
            f,
            "{first} and {second} are one message in the VM of {who}: both have the label {label} and as many \
             fields, but {second} has `{theirs}` for `{mine}`; if they are meant to differ, give one \
             `#[message(label = \"..\")]`, if not, give it `#[message(label = Type)]` of the other"
        )
    }
}
