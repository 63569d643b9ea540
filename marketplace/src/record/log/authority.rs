//! The right to look at values that are opaque to processes.

use std::fmt;
use std::sync::Arc;

use crate::conversation::duct::{Duct, Site};

/// The right to see the contents of [ducts](Duct) of one tower: of a ground VM and the VMs in it.
/// The host has it; processes do not, unless the host gives it to them.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace::sim::Sim;
///
/// let (sender, ducts) = std::sync::mpsc::channel();
/// let mut sim = Sim::new(|_| transition_no_state!(subscriber!(_, match_duct!(duct => on_message!(_n: u8 => {
///     let _ = sender.send(duct);
/// })))));
/// sim.run();
/// let boot = sim.dump().processes[0].pid;
/// sim.pass(boot, "term", &1u8);
/// sim.run();
/// let duct = ducts.recv().unwrap();
/// assert_eq!(sim.debug_authority().hops(&duct).collect::<Vec<_>>(), ["//term"]);
/// let other = Sim::new(|_| transition_no_state!()).debug_authority();
/// assert_eq!(other.hops(&duct).collect::<Vec<_>>(), ["of another tower"]);
/// ```
#[derive(Clone)]
pub struct DebugAuthority(Arc<Site>);

impl DebugAuthority {
    pub(crate) const fn new(ground: Arc<Site>) -> Self {
        Self(ground)
    }

    /// The hops of a duct, from the top, as they are printed: `/vm/process/wire`, with names where
    /// there are any; `//wire` for the host. A hop in another tower prints as `of another tower`.
    pub fn hops<'d>(&self, duct: &'d Duct) -> impl Iterator<Item = String> + use<'d> {
        let ground = self.0.clone();
        duct.hops().map(move |hop| hop.shown_at(&ground))
    }
}

impl fmt::Debug for DebugAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DebugAuthority")
    }
}
