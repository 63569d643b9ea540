//! The waiting asks for sessions, each with the address of the peer that it knows.

use std::collections::BTreeMap;

use marketplace::objects::*;

use crate::netlayer::Reach;
use crate::sessions::{Address, PeerName};
use crate::wire::Location;

/// An address of a peer, and how far it may lead, if a peer has given it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    pub(super) to: Address,
    pub(super) reach: Option<Reach>,
}

impl Route {
    pub(super) fn new(to: &Location, reach: Option<Reach>) -> Self {
        Self { to: Address::of(to), reach }
    }

    pub(super) const fn peer(&self) -> &PeerName {
        &self.to.peer
    }

    /// Whether it leads wherever the other one does. None leads anywhere, and a reach is the
    /// greater, the less it allows.
    fn leads_as_far_as(&self, other: &Self) -> bool {
        self.to == other.to && self.reach <= other.reach
    }
}

/// Somebody waits for a session with the peer at the end of this route. When it stands, the promise
/// is fulfilled.
struct Want {
    route: Route,
    /// The route was tried, or one to the same address that leads as far.
    tried: bool,
    /// A hand-off waits for it.
    is_handed_off: bool,
    stands: Promise<()>,
    resolver: Resolver<()>,
}

/// The asks that wait, by peer, in the order in which they came.
#[derive(Default)]
pub(super) struct Wants(BTreeMap<PeerName, Vec<Want>>);

impl Wants {
    /// The promise of those who wait by this route.
    pub(super) fn by(&self, route: &Route) -> Option<Promise<()>> {
        let wants = self.0.get(route.peer())?;
        wants.iter().find(|want| want.route == *route).map(|want| want.stands.clone())
    }

    /// Somebody waits by this route.
    pub(super) fn add(&mut self, route: Route, is_handed_off: bool) -> Promise<()> {
        let (stands, resolver) = promise::<()>();
        let wants = self.0.entry(route.peer().clone()).or_default();
        let tried = wants.iter().any(|want| want.tried && want.route.leads_as_far_as(&route));
        wants.push(Want { route, tried, is_handed_off, stands: stands.clone(), resolver });
        stands
    }

    /// The next route to this peer that was not tried, if there is no other way from its address,
    /// and whether a hand-off waits for it; it is noted as tried.
    pub(super) fn next(
        &mut self,
        peer: &PeerName,
        is_way: impl Fn(&Address) -> bool,
    ) -> Option<(Route, bool)> {
        let wants = self.0.get_mut(peer)?;
        let next = wants.iter().find(|want| !want.tried && !is_way(&want.route.to))?;
        let (route, is_handed_off) = (next.route.clone(), next.is_handed_off);
        let is_tried = |want: &&mut Want| route.leads_as_far_as(&want.route);
        wants.iter_mut().filter(is_tried).for_each(|want| want.tried = true);
        Some((route, is_handed_off))
    }

    /// Takes those who wait in vain for this peer: all that could be tried was.
    pub(super) fn take_lost(
        &mut self,
        peer: &PeerName,
        is_way: impl Fn(&Address) -> bool,
    ) -> Vec<Resolver<()>> {
        let Some(wants) = self.0.get_mut(peer) else { return Vec::new() };
        let lost = wants.extract_if(.., |want| want.tried && !is_way(&want.route.to));
        let lost = lost.map(|want| want.resolver).collect();
        if wants.is_empty() {
            self.0.remove(peer);
        }
        lost
    }

    /// Takes those who wait for this peer.
    pub(super) fn take(&mut self, peer: &PeerName) -> Vec<Resolver<()>> {
        let wants = self.0.remove(peer).unwrap_or_default();
        wants.into_iter().map(|want| want.resolver).collect()
    }

    /// The peers for which somebody waits.
    pub(super) fn peers(&self) -> Vec<PeerName> {
        self.0.keys().cloned().collect()
    }

    /// How many routes there are by which hand-offs wait.
    pub(super) fn of_hand_offs(&self) -> usize {
        self.0.values().flatten().filter(|want| want.is_handed_off).count()
    }
}
