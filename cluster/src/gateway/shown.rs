//! The gateway, for people who look on.

use std::collections::BTreeMap;

use marketplace::prelude::*;

use crate::gateway::Gateway;
use crate::wire::Numbers;

/// The streams that a gateway heard before a turn, and how many frames of each: what a log that is
/// on keeps of it.
#[derive(Clone, Debug)]
pub(crate) struct Streams(BTreeMap<(Text, u64), (Numbers, u64)>);

impl Streams {
    /// How many frames of this stream of a machine were taken before, if it is heard.
    pub(crate) fn taken(&self, machine: &(Text, u64), numbers: Numbers) -> Option<u64> {
        let (heard, taken) = self.0.get(machine)?;
        (*heard == numbers).then_some(*taken)
    }
}

impl From<&Gateway> for Streams {
    fn from(gateway: &Gateway) -> Self {
        let peers = gateway.peers.iter();
        let heard = peers.filter_map(|(name, peer)| Some(((name.clone(), peer.epoch), peer.link.hears()?)));
        Self(heard.collect())
    }
}
