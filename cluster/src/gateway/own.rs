//! The endpoints of this machine, as other machines know them.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use marketplace::Role;
use smallvec::SmallVec;

use crate::gateway::arities::Arities;

/// The endpoints of this machine that are announced, by number, and those that are kept here.
#[derive(Default)]
pub(super) struct Own {
    announced: BTreeMap<u64, (Role, Arc<[u8]>)>,
    by_role: HashMap<Role, SmallVec<[u64; 1]>>,
    /// How many endpoints of a role are not announced.
    kept: HashMap<Role, usize>,
    /// How many bytes the roles have, as they are written.
    bytes: usize,
    last: u64,
    pub(super) arities: Arities,
}

impl Own {
    pub(super) fn len(&self) -> usize {
        self.announced.len()
    }

    /// Whether no endpoint is shared: none is announced, nor stays here for want of room.
    pub(super) fn is_empty(&self) -> bool {
        self.announced.is_empty() && self.kept.is_empty()
    }

    /// Whether an endpoint was ever announced, or one is there for which there is no room.
    pub(super) fn has_had_any(&self) -> bool {
        self.last > 0 || !self.kept.is_empty()
    }

    /// How many endpoints that are shared are not announced.
    pub(super) fn kept(&self) -> usize {
        self.kept.values().sum()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The numbers and the roles, as they are written, in the order in which they came.
    pub(super) fn announced(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.announced.iter().map(|(id, (_, written))| (*id, &**written))
    }

    pub(super) fn add(&mut self, role: Role, written: Arc<[u8]>) -> u64 {
        self.last += 1;
        self.change(self.last, role, written);
        self.last
    }

    /// The number, which belongs to no role now, belongs to this one.
    pub(super) fn change(&mut self, id: u64, role: Role, written: Arc<[u8]>) {
        self.by_role.entry(role.clone()).or_default().push(id);
        self.bytes += written.len();
        self.announced.insert(id, (role, written));
    }

    /// The endpoint of this role stays here.
    pub(super) fn keep(&mut self, role: Role) {
        *self.kept.entry(role).or_default() += 1;
    }

    /// One endpoint of this role goes. Gives its number, if it is announced.
    pub(super) fn remove(&mut self, role: &Role) -> Option<u64> {
        if let Some(kept) = self.kept.get_mut(role) {
            *kept -= 1;
            if *kept == 0 {
                self.kept.remove(role);
            }
            return None;
        }
        let ids = self.by_role.get_mut(role)?;
        let id = ids.pop();
        if ids.is_empty() {
            self.by_role.remove(role);
        }
        self.bytes -= self.announced.remove(&id?).map_or(0, |(_, written)| written.len());
        self.arities.remove(&role.topic);
        id
    }

    /// The endpoint with the one number has the other one from now on.
    pub(super) fn rename(&mut self, from: u64, to: u64) {
        let Some((role, written)) = self.announced.remove(&from) else { return };
        self.bytes -= written.len();
        if let Some(ids) = self.by_role.get_mut(&role) {
            ids.retain(|id| *id != from);
        }
        self.change(to, role, written);
    }
}
