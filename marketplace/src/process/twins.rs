//! Types that are one message though nobody meant them to be.

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
