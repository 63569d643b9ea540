//! The right to look at what is opaque to processes.

use crate::duct::Duct;

/// The right to see what is on a [duct](Duct). A host has it, of its ground VM; processes do not, unless the host gives it to them.
#[derive(Clone, Debug)]
pub struct DebugAuthority(());

impl DebugAuthority {
    pub(crate) const fn new() -> Self {
        Self(())
    }

    /// The hops of a duct, from the top, as they are printed: `/vm/process/wire`, with names where there are any; `//wire` for the host.
    pub fn hops<'d>(&self, duct: &'d Duct) -> impl Iterator<Item = String> + use<'d> {
        duct.hops().map(ToString::to_string)
    }
}
