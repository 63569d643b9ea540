//! Endpoints in place, and the network that they make.

use crate::conversation::role::{InterestType, Orientation, Role};
use crate::conversation::topic::Topic;
use crate::data::hash::Map;
use crate::data::slots::{Place, Slot, Slots};
use crate::data::value::Value;
use crate::network::heeds::Heeds;
use crate::network::index::{Index, IndexEntry, Order};
use crate::network::owner::{Owner, ProcessSlot};

/// An endpoint in its VM's network: one cache line, since a message may find any of them.
#[repr(align(64))]
pub(crate) struct Endpoint {
    pub(crate) order: Order,
    pub(crate) topic: Topic,
    pub(crate) orientation: Orientation,
    pub(crate) interest: InterestType,
    pub(crate) takes: Takes,
    pub(crate) owner: Owner,
    /// The endpoints of the same process that were added before it and after it, or [`Slot::NONE`].
    before: EndpointSlot,
    after: EndpointSlot,
    pub(crate) special: Option<Box<Special>>,
}

const _: () = assert!(Place::<Endpoint>::SIZE <= 64);

/// An endpoint's place in the table of its network.
pub(crate) type EndpointSlot = Slot<Endpoint>;

/// The events for which an endpoint is called.
#[derive(Clone, Copy)]
pub(crate) struct Takes {
    /// A message may find it.
    pub(crate) messages: bool,
    /// The events about peers that it heeds.
    pub(crate) heeds: Heeds,
    /// It takes every message that is passed to its process.
    pub(crate) callee: bool,
}

/// The properties that most endpoints do not have.
#[derive(Default)]
pub(crate) struct Special {
    pub(crate) name: Option<Value>,
    /// The first message takes it.
    pub(crate) once: bool,
    /// It does not meet endpoints of its own process, and does not hear what that sends.
    pub(crate) apart: bool,
    /// How many visible peers there are per conversation, if it counts them.
    pub(crate) counts: Option<Map<Topic, u32>>,
}

impl Endpoint {
    #[inline]
    pub(crate) fn new(
        order: Order,
        role: Role,
        takes: Takes,
        owner: Owner,
        special: Option<Box<Special>>,
    ) -> Self {
        let Role { orientation, topic, interest } = role;
        Self {
            order,
            topic,
            orientation,
            interest,
            takes,
            owner,
            before: Slot::NONE,
            after: Slot::NONE,
            special,
        }
    }

    pub(crate) fn role(&self) -> Role {
        Role { orientation: self.orientation, topic: self.topic.clone(), interest: self.interest }
    }

    pub(crate) fn name(&self) -> Option<&Value> {
        self.special.as_ref()?.name.as_ref()
    }

    /// Whether the first message takes it.
    pub(crate) fn is_once(&self) -> bool {
        self.special.as_ref().is_some_and(|special| special.once)
    }

    /// Whether it simply hears a message that matches its topic.
    #[inline]
    pub(crate) fn simply_hears(&self) -> bool {
        self.special.as_ref().is_none_or(|special| !special.once && !special.apart)
    }

    /// Whether it is apart from the endpoints of its own process.
    #[inline]
    pub(crate) fn is_apart(&self) -> bool {
        self.special.as_ref().is_some_and(|special| special.apart)
    }

    /// Whether it counts its peers.
    pub(crate) fn counts(&self) -> bool {
        self.special.as_ref().is_some_and(|special| special.counts.is_some())
    }

    /// Whether that peer, which it meets, is there for it.
    pub(crate) const fn sees(&self, peer: InterestType) -> bool {
        self.interest.hears(peer)
    }

    /// Counts a peer with this topic that comes or goes, if it counts at all. Says whether that
    /// left (or reached) zero.
    #[inline]
    pub(crate) fn count_peer(&mut self, peer: &Topic, change: Change) -> bool {
        if !self.counts() {
            return false;
        }
        let Some(conversation) = self.topic.intersect(peer) else { unreachable!("peers meet") };
        self.count(conversation, change)
    }

    /// Counts a peer of this conversation that comes or goes. Says whether that left (or reached)
    /// zero.
    pub(crate) fn count(&mut self, conversation: Topic, change: Change) -> bool {
        let Some(counts) = self.special.as_mut().and_then(|special| special.counts.as_mut()) else {
            return false;
        };
        if change == Change::Comes {
            let count = counts.entry(conversation).or_insert(0);
            *count += 1;
            return *count == 1;
        }
        let Some(count) = counts.get_mut(&conversation) else { unreachable!("a peer that goes had come") };
        *count -= 1;
        let last = *count == 0;
        if last {
            counts.remove(&conversation);
        }
        last
    }
}

/// The news of a peer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Comes,
    Goes,
}

/// The endpoints of one orientation.
#[derive(Default)]
struct Side {
    /// The endpoints that hear messages.
    listening: Index,
    /// The endpoints that hear of peers alone, and need not be found for a message.
    looking: Index,
}

impl Side {
    fn len(&self) -> usize {
        self.listening.len() + self.looking.len()
    }

    fn shapes(&self) -> usize {
        self.listening.shapes() + self.looking.shapes()
    }

    fn index(&mut self, messages: bool) -> &mut Index {
        if messages { &mut self.listening } else { &mut self.looking }
    }

    /// Whether it is known that no endpoint meets this topic.
    #[inline(always)]
    fn knows_of_none(&self, topic: &Topic) -> bool {
        let root = || topic.label_and_arity();
        self.listening.knows_of_none(root) && self.looking.knows_of_none(root)
    }

    /// Appends the endpoints that meet this topic, in creation order.
    fn meeting(&mut self, topic: &Topic, out: &mut Vec<IndexEntry>) {
        let start = out.len();
        self.listening.meeting(topic, out);
        let middle = out.len();
        self.looking.meeting(topic, out);
        if start < middle && middle < out.len() {
            out[start..].sort_by_key(|entry| entry.order);
        }
    }
}

#[derive(Default)]
struct Sides {
    publishers: Side,
    subscribers: Side,
}

impl Sides {
    #[inline]
    const fn of(&self, orientation: Orientation) -> &Side {
        match orientation {
            Orientation::Publisher => &self.publishers,
            Orientation::Subscriber => &self.subscribers,
        }
    }

    #[inline]
    const fn of_mut(&mut self, orientation: Orientation) -> &mut Side {
        match orientation {
            Orientation::Publisher => &mut self.publishers,
            Orientation::Subscriber => &mut self.subscribers,
        }
    }

    /// The endpoints that meet an endpoint of this orientation and topic, in creation order, in
    /// this list.
    #[inline(always)]
    fn peers(
        &mut self,
        orientation: Orientation,
        topic: &Topic,
        mut list: Vec<IndexEntry>,
    ) -> Vec<IndexEntry> {
        self.of_mut(orientation.opposite()).meeting(topic, &mut list);
        list
    }
}

/// The endpoints that hear a message, in creation order.
pub(crate) enum Receivers {
    One(IndexEntry),
    Two([IndexEntry; 2]),
    /// Any number.
    Many(Vec<IndexEntry>),
}

#[cfg(debug_assertions)]
impl Receivers {
    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::Many(found) if found.is_empty())
    }
}

/// For how many endpoints a network has room at first.
const FIRST_ENDPOINTS: usize = 8;

/// The endpoints of a VM and the index over them.
pub(crate) struct Network {
    pub(crate) endpoints: Slots<Endpoint>,
    sides: Sides,
    /// That of the endpoint that was created last.
    last_order: Order,
    /// Lists that are not in use.
    spare: Vec<Vec<IndexEntry>>,
}

impl Network {
    pub(crate) const fn new_order(&mut self) -> Order {
        self.last_order = self.last_order.next();
        self.last_order
    }

    pub(crate) fn new() -> Self {
        Self {
            endpoints: Slots::with_room(FIRST_ENDPOINTS),
            sides: Sides::default(),
            last_order: Order::ZERO,
            spare: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.sides.publishers.len() + self.sides.subscribers.len()
    }

    /// How many shapes of topics the index tells apart.
    pub(crate) fn shapes(&self) -> usize {
        self.sides.publishers.shapes() + self.sides.subscribers.shapes()
    }

    /// Puts an endpoint into the table, as the last one of its process; [`Network::show_endpoint`]
    /// puts it into the index.
    #[inline]
    pub(crate) fn insert(
        &mut self,
        mut endpoint: Endpoint,
        last_endpoint: &mut EndpointSlot,
    ) -> EndpointSlot {
        endpoint.before = *last_endpoint;
        let slot = self.endpoints.insert(endpoint);
        if let Some(before) = self.endpoints.get_mut(*last_endpoint) {
            before.after = slot;
        }
        *last_endpoint = slot;
        slot
    }

    /// Takes an endpoint out of the table; [`Network::hide`] takes it out of the index. If it was
    /// the last one of its process, says which one is now.
    #[inline]
    pub(crate) fn remove(&mut self, slot: EndpointSlot) -> (Endpoint, Option<EndpointSlot>) {
        let Some(endpoint) = self.endpoints.remove(slot) else { unreachable!("an endpoint is removed once") };
        if let Some(before) = self.endpoints.get_mut(endpoint.before) {
            before.after = endpoint.after;
        }
        if let Some(after) = self.endpoints.get_mut(endpoint.after) {
            after.before = endpoint.before;
        }
        let last = endpoint.after.is_none().then_some(endpoint.before);
        (endpoint, last)
    }

    /// An endpoint and those of the same process before it.
    pub(crate) fn linked(&self, last: EndpointSlot) -> impl Iterator<Item = IndexEntry> {
        let at = |slot: EndpointSlot| self.endpoints.get(slot).map(|endpoint| (slot, endpoint));
        std::iter::successors(at(last), move |(_, endpoint)| at(endpoint.before))
            .map(|(slot, endpoint)| IndexEntry { order: endpoint.order, slot })
    }

    /// The first of the endpoints of a process, given its last, and the next one.
    pub(crate) fn first(&self, last: EndpointSlot) -> Option<EndpointSlot> {
        self.linked(last).last().map(|entry| entry.slot)
    }

    pub(crate) fn next(&self, slot: EndpointSlot) -> Option<EndpointSlot> {
        let Some(endpoint) = self.endpoints.get(slot) else { unreachable!("only what is there has a next") };
        Some(endpoint.after).filter(|after| !after.is_none())
    }

    /// Lets messages and peers find the endpoint. Says whether it may have
    /// [peers](Network::peers_of): as a rule it is known that there are none.
    // In line: a process with one endpoint takes 25 instructions less.
    #[inline(always)]
    pub(crate) fn show_endpoint(&mut self, slot: EndpointSlot) -> bool {
        let Some(endpoint) = self.endpoints.get(slot) else {
            unreachable!("an endpoint is in the table before it is shown")
        };
        let entry = IndexEntry { order: endpoint.order, slot };
        self.sides.of_mut(endpoint.orientation).index(endpoint.takes.messages).add(&endpoint.topic, entry);
        !self.sides.of(endpoint.orientation.opposite()).knows_of_none(&endpoint.topic)
    }

    /// Lets nobody find it any more.
    pub(crate) fn hide(&mut self, orientation: Orientation, topic: &Topic, messages: bool, order: Order) {
        self.sides.of_mut(orientation).index(messages).remove(topic, order);
    }

    /// The only endpoint that hears this message of a publisher, if that is known.
    #[inline(always)]
    pub(crate) fn sole_receiver(&self, body: &Value) -> Option<EndpointSlot> {
        self.sides.subscribers.listening.sole(body)
    }

    /// The endpoints that hear this message from a sender of that orientation, in creation order.
    #[inline]
    pub(crate) fn receivers(&mut self, body: &Value, sender: Orientation) -> Receivers {
        let runs = self.sides.of(sender.opposite()).listening.matching(body);
        if let Some(only) = runs.only() {
            return Receivers::One(only);
        }
        if let Some(pair) = runs.pair() {
            return Receivers::Two(pair);
        }
        let mut found = self.spare.pop().unwrap_or_default();
        runs.append_to(&mut found);
        Receivers::Many(found)
    }

    /// Whether any endpoint hears this message from a sender of that orientation.
    pub(crate) fn is_heard(&mut self, body: &Value, sender: Orientation) -> bool {
        match self.receivers(body, sender) {
            Receivers::One(_) | Receivers::Two(_) => true,
            Receivers::Many(found) => {
                let heard = !found.is_empty();
                self.recycle(found);
                heard
            }
        }
    }

    /// Whether an endpoint of this orientation and topic may meet any. As a rule it is known that
    /// there is none.
    // In line, as what it asks: a process with one endpoint takes 70 instructions less.
    #[inline(always)]
    pub(crate) fn may_meet(&self, orientation: Orientation, topic: &Topic) -> bool {
        !self.sides.of(orientation.opposite()).knows_of_none(topic)
    }

    /// The endpoints that meet an endpoint of this orientation and topic, in creation order.
    #[inline(never)]
    pub(crate) fn peers(&mut self, orientation: Orientation, topic: &Topic) -> Vec<IndexEntry> {
        let found = self.spare.pop().unwrap_or_default();
        self.sides.peers(orientation, topic, found)
    }

    /// The endpoints that meet this one, in creation order.
    pub(crate) fn peers_of(&mut self, slot: EndpointSlot) -> Vec<IndexEntry> {
        let Some(endpoint) = self.endpoints.get(slot) else { unreachable!("only what is there has peers") };
        let found = self.spare.pop().unwrap_or_default();
        let mut found = self.sides.peers(endpoint.orientation, &endpoint.topic, found);
        if endpoint.is_apart() {
            self.leave_out(endpoint.owner.process, &mut found);
        }
        found
    }

    /// Leaves the endpoints of this process out of a list.
    #[cold]
    pub(crate) fn leave_out(&self, process: ProcessSlot, list: &mut Vec<IndexEntry>) {
        list.retain(|entry| {
            self.endpoints.get(entry.slot).is_none_or(|other| other.owner.process != process)
        });
    }

    /// Gives a list back, so that the next question needs no allocation.
    #[inline]
    pub(crate) fn recycle(&mut self, mut list: Vec<IndexEntry>) {
        list.clear();
        // As many are in use at once as absences nest in messages: two or three.
        if list.capacity() > 0 && self.spare.len() < 4 {
            self.spare.push(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(network: &mut Network, last: &mut EndpointSlot) -> EndpointSlot {
        let order = network.new_order();
        let role = Role::publisher(Topic::any());
        let takes = Takes { messages: true, heeds: Heeds::PEERS, callee: false };
        let owner = Owner { process: Slot::NONE, handler: Slot::NONE };
        let endpoint = Endpoint::new(order, role, takes, owner, None);
        network.insert(endpoint, last)
    }

    #[test]
    fn shapes_are_counted_on_both_sides_and_whoever_listens_hears() {
        let mut network = Network::new();
        let text = |text: &str| Value::from(text);
        let mut add = |role: Role, messages| {
            let order = network.new_order();
            let takes = Takes { messages, heeds: Heeds::PEERS, callee: false };
            let owner = Owner { process: Slot::NONE, handler: Slot::NONE };
            let endpoint = Endpoint::new(order, role, takes, owner, None);
            let slot = network.insert(endpoint, &mut { Slot::NONE });
            network.show_endpoint(slot);
            let heard = |network: &mut Network, body: &str, sender| network.is_heard(&text(body), sender);
            let [a, b] = ["a", "b"].map(|body| heard(&mut network, body, Orientation::Publisher));
            (network.shapes(), a, b, heard(&mut network, "a", Orientation::Subscriber))
        };
        let a = || Topic::from(text("a"));
        assert_eq!(add(Role::subscriber(a()), false), (1, false, false, false));
        assert_eq!(add(Role::subscriber(a()), true), (2, true, false, false));
        assert_eq!(add(Role::subscriber(a()), true), (2, true, false, false));
        assert_eq!(add(Role::subscriber(a()), true), (2, true, false, false), "more than two hear it");
        assert_eq!(add(Role::subscriber(Topic::any()), true), (3, true, true, false));
        assert_eq!(add(Role::publisher(a()), false), (4, true, true, false));
        assert_eq!(add(Role::publisher(a()), true), (5, true, true, true));
    }

    /// The order in which endpoints go, and the endpoints that take their places, do not matter.
    #[test]
    fn the_endpoints_of_a_process_are_linked() {
        let orders = (0..4).flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| [a, b, c])));
        for order in orders {
            let mut network = Network::new();
            let (mut last, mut others_last) = (Slot::NONE, Slot::NONE);
            let slots: Vec<_> = (0..4)
                .map(|_| {
                    add(&mut network, &mut others_last);
                    add(&mut network, &mut last)
                })
                .collect();
            let mut left = slots.clone();
            for at in order {
                let slot = slots[at];
                if let Some((_, new_last)) = left.contains(&slot).then(|| network.remove(slot)) {
                    last = new_last.unwrap_or(last);
                    left.retain(|&other| other != slot);
                    add(&mut network, &mut others_last);
                    left.push(add(&mut network, &mut last));
                }
                let linked: Vec<_> = network.linked(last).map(|entry| entry.slot).take(10).collect();
                assert!(
                    linked.iter().eq(left.iter().rev()),
                    "{order:?}: {linked:?}, not {left:?} from the end"
                );
            }
        }
    }
}
