//! The things that happened on this machine since other machines were told.

use std::collections::BTreeSet;

use bytes::Bytes;
use marketplace::IntoActionTree;
use marketplace::prelude::*;

use crate::gateway::Gateway;
use crate::wire::Frame;

#[derive(Default)]
pub(super) struct Pending {
    items: Vec<Item>,
    /// The next yield tells them.
    flushes: bool,
}

struct Item {
    /// The action by which it happened.
    cause: u64,
    what: What,
}

enum What {
    /// An endpoint, and its role as it is written.
    Announce(u64, Bytes),
    Change(u64, Bytes),
    Withdraw(u64, Reason),
    /// Something is said, to these machines.
    Say(Said, BTreeSet<Text>),
}

#[derive(Clone, PartialEq)]
pub(super) enum Said {
    Message(Orientation, Value),
    Refusal(Topic, Value),
}

impl Pending {
    pub(super) fn announce(&mut self, id: u64, role: Bytes, cause: u64) {
        self.items.push(Item { cause, what: What::Announce(id, role) });
    }

    pub(super) fn withdraw(&mut self, id: u64, reason: Reason, cause: u64) {
        self.items.push(Item { cause, what: What::Withdraw(id, reason) });
    }

    /// The endpoint that came by this action last.
    pub(super) fn has_come(&self, cause: u64) -> Option<u64> {
        self.by(cause).find_map(|item| match item.what {
            What::Announce(id, _) => Some(id),
            _ => None,
        })
    }

    /// The endpoint that came under this number is the one with that number, in another role.
    pub(super) fn change(&mut self, new: u64, old: u64) {
        for item in self.items.iter_mut().rev() {
            if let What::Announce(id, role) = &item.what
                && *id == new
            {
                item.what = What::Change(old, role.clone());
                return;
            }
        }
    }

    /// The endpoint that went by this action, changed, comes in another role. Gives its number.
    pub(super) fn came_back(&mut self, role: &Bytes, cause: u64) -> Option<u64> {
        let items = self.items.iter_mut().rev().take_while(|item| item.cause == cause);
        for item in items {
            if let What::Withdraw(id, Reason::Changed) = item.what {
                item.what = What::Change(id, role.clone());
                return Some(id);
            }
        }
        None
    }

    /// Something was said by this action. Which machines are to hear it is noted by
    /// [`Pending::address`].
    pub(super) fn say(&mut self, cause: u64, said: Said) {
        self.items.push(Item { cause, what: What::Say(said, BTreeSet::new()) });
    }

    /// Notes machines that are to hear a message. It is one message, however many endpoints of
    /// theirs it matches.
    pub(super) fn say_to(&mut self, cause: u64, said: &Said, to: impl Iterator<Item = Text>) {
        let known = self.items.iter_mut().rev().take_while(|item| item.cause == cause);
        for item in known {
            if let What::Say(known, names) = &mut item.what
                && known == said
            {
                return names.extend(to);
            }
        }
        self.items.push(Item { cause, what: What::Say(said.clone(), to.collect()) });
    }

    /// Notes a machine that is to hear the refusals of this action that meet a topic of its.
    pub(super) fn refuse_to(&mut self, cause: u64, topic: &Topic, to: &Text) {
        for item in self.items.iter_mut().rev().take_while(|item| item.cause == cause) {
            if let What::Say(Said::Refusal(refused, _), names) = &mut item.what
                && refused.meets(topic)
            {
                names.insert(to.clone());
            }
        }
    }

    fn by(&self, cause: u64) -> impl Iterator<Item = &Item> {
        self.items.iter().rev().take_while(move |item| item.cause == cause)
    }
}

impl Gateway {
    /// Lets other machines know at the next yield: all that one action does is known then.
    pub(super) fn flush_later(&mut self) -> ActionTree<Self> {
        if std::mem::replace(&mut self.pending.flushes, true) {
            return ActionTree::new();
        }
        yield_now(|mut gateway: Self| {
            let actions = gateway.flush();
            Transition::new(gateway, actions)
        })
        .into()
    }

    /// Tells other machines what has happened here.
    pub(super) fn flush(&mut self) -> ActionTree<Self> {
        self.pending.flushes = false;
        let items = std::mem::take(&mut self.pending.items);
        let mut actions = ActionTree::new();
        if items.is_empty() {
            return actions;
        }
        for Item { cause, what } in items {
            let (frame, to) = match what {
                What::Announce(id, role) => (Some(Frame::announce(cause, id, &role)), None),
                What::Change(id, role) => (Some(Frame::change(cause, id, &role)), None),
                What::Withdraw(id, reason) => {
                    (Some(self.fitting(&reason, |reason| Frame::withdraw(cause, id, reason))), None)
                }
                What::Say(_, to) if to.is_empty() => continue,
                What::Say(said, to) => {
                    let (frame, warning) = self.write(cause, &said);
                    warning.append_to(&mut actions);
                    (frame, Some(to))
                }
            };
            let Some(frame) = frame else { continue };
            let Some(to) = to else {
                self.peers.values_mut().for_each(|peer| peer.link.push(frame.clone()));
                continue;
            };
            for name in &to {
                if let Some(peer) = self.peers.get_mut(name).filter(|peer| peer.link.stands()) {
                    self.counts.sent += 1;
                    peer.link.push(frame.clone());
                }
            }
        }
        self.settle().append_to(&mut actions);
        actions
    }

    /// The frame for a reason, or for another one, if that is too large.
    pub(super) fn fitting(&self, reason: &Reason, frame: impl Fn(&Reason) -> Bytes) -> Bytes {
        let written = frame(reason);
        let fits = written.len() <= self.settings.message_bytes;
        if fits { written } else { frame(&Reason::Value("a reason that is too large".into())) }
    }

    /// The frame for something that was said, or a warning.
    fn write(&mut self, cause: u64, said: &Said) -> (Option<Bytes>, ActionTree<Self>) {
        let written = match said {
            Said::Message(from, body) => Frame::message(cause, *from, body),
            Said::Refusal(topic, why) => Frame::refuse(cause, topic, why),
        };
        match written {
            Ok(frame) if frame.len() <= self.settings.message_bytes => (Some(frame), ActionTree::new()),
            Ok(frame) => {
                let (len, limit) = (frame.len(), self.settings.message_bytes);
                let text = || format!("a message of {len} bytes is not sent: the limit is {limit}");
                (None, self.warnings.tell("large messages", text))
            }
            Err(why) => {
                let text = || format!("a message is not sent: {why}");
                (None, self.warnings.tell("messages", text))
            }
        }
    }
}
