//! Other machines with this machine's name.
//!
//! One that has not been part of the cluster gives way to one that has: it waits for a lease,
//! because the other may be about to go, and ends then. Of two that have, or have not, that with
//! the greater epoch stays.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use marketplace::prelude::*;

use crate::gateway::Gateway;
use crate::half::Ask;
use crate::link::Link;
use crate::lost::Lost;
use crate::wire::Packet;

/// How many of them are known at a time.
const RIVALS: usize = 100;

/// Other machines with this machine's name, by epoch: their links never stand.
#[derive(Default)]
pub(super) struct Rivals {
    links: BTreeMap<u64, Link>,
    /// When it was said first that the name is taken.
    taken: Option<Duration>,
}

impl Rivals {
    pub(super) fn links(&mut self) -> impl Iterator<Item = &mut Link> {
        self.links.values_mut()
    }

    pub(super) fn goes(&mut self, vm: &Text, name: &Text, epoch: u64) {
        if vm == name {
            self.links.remove(&epoch);
        }
    }

    /// The name is ours.
    pub(super) fn nobody_else(&mut self) {
        self.taken = None;
    }

    pub(super) fn packets(&mut self, name: &Text) -> Vec<Ask> {
        let mut asks = Vec::new();
        for (epoch, link) in &mut self.links {
            while link.poll_news().is_some() {}
            while let Some(packet) = link.poll_packet() {
                asks.push(Ask::Send(name.clone(), *epoch, packet));
            }
        }
        asks
    }
}

impl Gateway {
    /// There is a way to another machine with our name: it is greeted again and again.
    pub(super) fn rival_comes(&mut self, epoch: u64) {
        if self.rivals.links.len() >= RIVALS {
            return;
        }
        let mut link = self.new_link();
        link.up(self.now);
        self.rivals.links.insert(epoch, link);
    }

    pub(super) fn hear_rival(&mut self, epoch: u64, packet: &Bytes) -> ActionTree<Self> {
        if !self.rivals.links.contains_key(&epoch) {
            self.rival_comes(epoch);
        }
        match Packet::decode(packet) {
            Ok(Packet::Greeting(greeting)) => {
                let stays = match (self.stood, greeting.stood) {
                    (true, false) => true,
                    (false, true) => false,
                    _ => self.epoch > epoch,
                };
                if let Some(link) = self.rivals.links.get_mut(&epoch).filter(|_| stays) {
                    link.say_taken(self.epoch);
                }
                ActionTree::new()
            }
            Ok(Packet::Taken(epoch)) => self.name_is_taken(epoch),
            _ => ActionTree::new(),
        }
    }

    /// A peer says that a machine of this epoch has our name. So the peer is lost to us; but as
    /// long as others are not, its word alone does not end us.
    pub(super) fn hears_of_rival(&mut self, peer: &Text, epoch: u64) -> ActionTree<Self> {
        if self.stood && epoch < self.epoch {
            return ActionTree::new();
        }
        let now = self.now;
        if self.stood
            && let Some(peer) = self.peers.get_mut(peer)
        {
            peer.link.is_taken(now);
        }
        if self.peers.values().any(|peer| peer.link.stands()) {
            let text = || format!("{peer} says that another machine has the name of this one");
            return self.warnings.once(&format!("taken {peer}"), text);
        }
        self.name_is_taken(epoch)
    }

    /// A machine of this epoch has our name, as somebody says.
    pub(super) fn name_is_taken(&mut self, epoch: u64) -> ActionTree<Self> {
        if self.stood && epoch < self.epoch {
            return ActionTree::new();
        }
        let since = *self.rivals.taken.get_or_insert(self.now);
        // It may be about to go: what is gone is silent for a lease.
        let waited = self.now.saturating_sub(since) >= self.settings.lease + self.settings.quarter();
        if !self.stood && !waited {
            return ActionTree::new();
        }
        tracing::warn!(name = %&*self.name, "another machine has this name: this one ends");
        quit().because(Reason::from(Lost::NameTaken)).into()
    }
}
