//! The other machines, as far as they are known.

use std::collections::BTreeMap;

use bytes::Bytes;
use marketplace::IntoActionTree;
use marketplace::prelude::*;

use crate::gateway::arities::Arities;
use crate::gateway::stand_ins::Announced;
use crate::gateway::{Gateway, Member};
use crate::half::Ask;
use crate::link::{Link, News};
use crate::lost::Lost;
use crate::settings::Settings;
use crate::wire::{Frame, Packet, label_of};

/// Another machine.
pub(super) struct Peer {
    pub(super) epoch: u64,
    pub(super) link: Link,
    /// It has said, before its link stood, that it has been part of the cluster.
    stood: bool,
    /// A machine of the same name that waits until this one has gone.
    rival: Option<u64>,
    /// The version of its program, while its link stands.
    pub(super) version: Option<Text>,
    /// Its picture is complete.
    pictured: bool,
    /// It broke the protocol: nothing is taken until its link has ended.
    faulty: bool,
    pub(super) announced: BTreeMap<u64, Announced>,
    /// How many bytes the frames had by which they were announced.
    pub(super) bytes: usize,
    pub(super) arities: Arities,
}

/// How many machines are remembered that cannot be reached.
const REMEMBERED: usize = 1000;
/// How much longer than the thing in it a frame may be.
const AROUND: usize = 64;

impl Gateway {
    /// All links.
    pub(super) fn links(&mut self) -> impl Iterator<Item = &mut Link> {
        let rivals = self.rivals.links();
        self.peers.values_mut().map(|peer| &mut peer.link).chain(rivals)
    }

    /// The engine has found a way to a machine.
    pub(super) fn way_to(&mut self, vm: &Text, epoch: u64) {
        let now = self.now;
        if *vm == self.name {
            return self.rival_comes(epoch);
        }
        match self.peers.get_mut(vm) {
            Some(peer) if peer.epoch == epoch => peer.link.up(now),
            // If both are there, the greeting of the other one decides.
            Some(peer) if peer.link.hears().is_some() => peer.rival = Some(epoch),
            _ => self.adopt(vm, epoch),
        }
    }

    /// This epoch is the machine of that name from now on.
    fn adopt(&mut self, vm: &Text, epoch: u64) {
        let mut link = self.new_link();
        if let Some(before) = self.peers.get(vm) {
            link.goes_on_from(&before.link);
        }
        link.up(self.now);
        let peer = Peer {
            epoch,
            link,
            stood: false,
            rival: None,
            version: None,
            pictured: false,
            faulty: false,
            announced: BTreeMap::new(),
            bytes: 0,
            arities: Arities::default(),
        };
        self.peers.insert(vm.clone(), peer);
    }

    pub(super) fn new_link(&mut self) -> Link {
        self.streams += 1 << 32;
        let mut link = Link::new(self.settings.clone(), self.version.clone(), self.streams);
        link.set_stood(self.stood);
        link
    }

    pub(super) fn no_way_to(&mut self, vm: &Text, epoch: u64) {
        let now = self.now;
        self.rivals.goes(vm, &self.name, epoch);
        if let Some(peer) = self.peers.get_mut(vm) {
            if peer.epoch == epoch {
                let stood = peer.link.stands();
                peer.link.down(now);
                // If it stood, the end of it is news.
                if let Some(rival) = peer.rival.take_if(|_| !stood) {
                    self.adopt(vm, rival);
                }
            } else if peer.rival == Some(epoch) {
                peer.rival = None;
            }
        }
    }

    pub(super) fn hear(&mut self, vm: &Text, epoch: u64, packet: &Bytes) -> ActionTree<Self> {
        let now = self.now;
        if *vm == self.name {
            return self.hear_rival(epoch, packet);
        }
        let mut actions = ActionTree::new();
        match self.peers.get_mut(vm) {
            Some(peer) if peer.epoch == epoch && peer.link.stands() => {
                peer.link.hear(now, packet);
                return actions;
            }
            Some(peer) if peer.epoch == epoch => {}
            None => self.adopt(vm, epoch),
            Some(peer) => {
                // Of another machine with its name, only a greeting is heard.
                let Ok(Packet::Greeting(greeting)) = Packet::decode(packet) else { return actions };
                if peer.link.stands() {
                    if !greeting.stood || epoch < peer.epoch {
                        peer.rival = Some(epoch);
                        let taken = Packet::Taken(peer.epoch).encode();
                        return self.ask(Ask::Send(vm.clone(), epoch, taken));
                    }
                    let (old, taken) = (peer.epoch, Packet::Taken(epoch).encode());
                    self.lost(vm, &Reason::from(Lost::NameTaken)).append_to(&mut actions);
                    self.ask(Ask::Send(vm.clone(), old, taken)).append_to(&mut actions);
                } else if peer.link.hears().is_some() && (peer.stood, peer.epoch) > (greeting.stood, epoch) {
                    // As long as it is heard, it stays: each change would be answered with another.
                    peer.rival = Some(epoch);
                    return actions;
                }
                self.adopt(vm, epoch);
            }
        }
        let Some(peer) = self.peers.get_mut(vm) else { return actions };
        if let Ok(Packet::Greeting(greeting)) = Packet::decode(packet) {
            peer.stood = greeting.stood;
        }
        peer.link.hear(now, packet);
        actions
    }

    /// Acts on the news of all links, and hands their packets to the engine.
    pub(super) fn settle(&mut self) -> ActionTree<Self> {
        let mut actions = ActionTree::new();
        let names: Vec<_> = self.peers.keys().cloned().collect();
        for name in &names {
            while let Some(news) = self.peers.get_mut(name).and_then(|peer| peer.link.poll_news()) {
                self.heard(name, news).append_to(&mut actions);
            }
        }
        let mut asks = self.rivals.packets(&self.name);
        for (name, peer) in &mut self.peers {
            while let Some(packet) = peer.link.poll_packet() {
                asks.push(Ask::Send(name.clone(), peer.epoch, packet));
            }
        }
        if self.peers.len() > REMEMBERED {
            let counts = &mut self.counts;
            self.peers.retain(|_, peer| {
                let (stays, shown) = (!peer.link.has_no_way(), peer.link.shown());
                if !stays {
                    counts.gaps += shown.gaps;
                    counts.resets += shown.resets;
                }
                stays
            });
        }
        asks.into_iter().for_each(|ask| self.ask(ask).append_to(&mut actions));
        self.wake().append_to(&mut actions);
        actions
    }

    fn heard(&mut self, name: &Text, news: News) -> ActionTree<Self> {
        match news {
            News::Stands(version) => self.stands(name, version),
            News::Frame(frame, bytes) => self.perform_frame(name, frame, bytes),
            News::Lost(lost) => {
                let rival = self.peers.get_mut(name).and_then(|peer| peer.rival.take());
                let lost = if rival.is_some() && lost == Lost::Unreachable { Lost::Restart } else { lost };
                let actions = self.lost(name, &Reason::from(lost));
                if let Some(rival) = rival {
                    self.adopt(name, rival);
                }
                actions
            }
            News::Refused(why) => {
                self.awaited.remove(name);
                self.warnings.once(&format!("refused {name}"), || format!("no link to {name}: {why}"))
            }
            News::Taken(epoch) => self.hears_of_rival(name, epoch),
            News::Fault(what) => {
                self.warnings.warn(&format!("fault {name}"), || format!("what {name} says is wrong: {what}"))
            }
        }
    }

    /// A link stands: the other is told all that is announced here.
    fn stands(&mut self, name: &Text, version: Text) -> ActionTree<Self> {
        self.stood = true;
        self.rivals.nobody_else();
        self.links().for_each(|link| link.set_stood(true));
        let Some(peer) = self.peers.get_mut(name) else { return ActionTree::new() };
        if self.left {
            peer.link.over(self.now);
            return ActionTree::new();
        }
        for (id, role) in self.own.announced() {
            self.frames.announce(0, id, role);
            peer.link.push(self.frames.bytes());
        }
        self.frames.picture();
        peer.link.push(self.frames.bytes());
        peer.version = Some(version.clone());
        let member = Member { name: name.clone(), version }.to_value();
        let stand_in = AddEndpoint::new(Role::publisher(member), |_, turn| turn.act(())).without_messages();
        name_endpoint(member_name(name), stand_in).into()
    }

    /// A link has ended: the machine's endpoints go, for this reason.
    pub(super) fn lost(&mut self, name: &Text, reason: &Reason) -> ActionTree<Self> {
        let Some(peer) = self.peers.get_mut(name) else { return ActionTree::new() };
        (peer.pictured, peer.faulty) = (false, false);
        peer.arities = Arities::default();
        let member = peer.version.take();
        let announced: Vec<_> = peer.announced.keys().copied().collect();
        let mut actions = self.withdraw_all(name, &announced, reason);
        if member.is_some() {
            delete_endpoint(member_name(name)).because(reason.clone()).append_to(&mut actions);
        }
        actions
    }

    /// The thing that a peer must not do, if this frame is one.
    fn fault_in(&self, peer: &Peer, frame: &Frame, bytes: usize) -> Option<&'static str> {
        let Settings { announcements, message_bytes, queued_bytes, .. } = self.settings;
        // Our own announcements have the same bound, but it counts their roles alone. Here each
        // role comes in a frame, which may be `AROUND` bytes longer.
        let of_roles = (queued_bytes / 2).saturating_add(announcements.saturating_mul(AROUND));
        // A role that changes leaves its room to the new one.
        let left = match frame {
            Frame::Change(id, _) => peer.announced.get(id).map_or(0, |announced| announced.bytes),
            _ => 0,
        };
        let is_too_much = (peer.bytes - left).saturating_add(bytes) > of_roles;
        match frame {
            _ if bytes > message_bytes.saturating_add(AROUND) => Some("it says too much at once"),
            Frame::Announce(id, _) if peer.announced.contains_key(id) => Some("it is announced already"),
            Frame::Announce(..) if peer.announced.len() >= announcements => {
                Some("it announces too many endpoints")
            }
            Frame::Announce(..) | Frame::Change(..) if is_too_much => {
                Some("the topics that it announces are too large")
            }
            Frame::Change(id, _) | Frame::Withdraw(id, _) if !peer.announced.contains_key(id) => {
                Some("it was not announced")
            }
            _ => None,
        }
    }

    /// Does what a frame of so many bytes says.
    fn perform_frame(&mut self, name: &Text, frame: Frame, bytes: usize) -> ActionTree<Self> {
        let fault = self.peers.get(name).and_then(|peer| self.fault_in(peer, &frame, bytes));
        let Some(peer) = self.peers.get_mut(name) else { return ActionTree::new() };
        if peer.faulty {
            return ActionTree::new();
        }
        if let Some(fault) = fault {
            peer.faulty = true;
            peer.link.fault(fault.into(), self.now);
            return ActionTree::new();
        }
        match frame {
            Frame::Announce(id, role) => {
                peer.bytes += bytes;
                let label = label_of(&role.topic);
                let mut actions = self.announce(name, id, role, bytes);
                if let Some((label, arity)) = label
                    && let Some(peer) = self.peers.get_mut(name)
                {
                    peer.arities.add(&label, arity);
                    self.compare(&label).append_to(&mut actions);
                }
                actions
            }
            Frame::Change(id, role) => {
                peer.bytes += bytes;
                self.change(name, id, role, bytes)
            }
            Frame::Withdraw(id, reason) => self.withdraw_all(name, &[id], &reason),
            Frame::Message(from, body) if self.policy.shares(&body) => {
                self.counts.heard += 1;
                send_oriented(&body, from).into()
            }
            Frame::Message(..) => ActionTree::new(),
            Frame::Refuse(topic, why) => {
                self.counts.heard += 1;
                let parts = self.policy.cut(&topic).into_iter();
                parts.map(|(_, part)| refuse(part, why.clone())).collect()
            }
            Frame::Picture => self.is_pictured(name),
            Frame::Leave(reason) => {
                peer.link.over(self.now);
                self.awaited.remove(name);
                self.lost(name, &reason)
            }
        }
    }

    fn is_pictured(&mut self, name: &Text) -> ActionTree<Self> {
        self.awaited.remove(name);
        let Some(peer) = self.peers.get_mut(name) else { return ActionTree::new() };
        peer.pictured = true;
        let labels: Vec<_> = peer.arities.labels().cloned().collect();
        let mut actions = ActionTree::new();
        labels.iter().for_each(|label| self.compare(label).append_to(&mut actions));
        actions
    }

    /// Warns of a label that is announced with one number of fields here, and only with others
    /// there.
    pub(super) fn compare(&mut self, label: &Symbol) -> ActionTree<Self> {
        let mut peers = self.peers.iter().filter(|(_, peer)| peer.pictured);
        let misfit =
            peers.find_map(|(name, peer)| Some((name, self.own.arities.misfit(&peer.arities, label)?)));
        let Some((name, (here, there))) = misfit else { return ActionTree::new() };
        let text = || format!("{label} has {here} fields here, and {there} at {name}: they do not meet");
        self.warnings.once(&format!("arity {label}"), text)
    }
}

/// The name of the stand-in for a machine itself.
fn member_name(vm: &Text) -> Value {
    Value::from(vm.clone())
}
