//! The things that happened on this machine since other machines were told.

use std::sync::Arc;

use marketplace::IntoActionTree;
use marketplace::prelude::*;
use smallvec::SmallVec;

use crate::gateway::Gateway;
use crate::wire::FrameWriter;

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
    Announce(u64, Arc<[u8]>),
    Change(u64, Arc<[u8]>),
    Withdraw(u64, Reason),
    /// Something is said, to these machines.
    Say(Said, Names),
}

/// The names of machines, in order.
type Names = SmallVec<[Text; 2]>;

#[derive(Clone, PartialEq)]
pub(super) enum Said {
    Message(Orientation, Value),
    Refusal(Topic, Value),
}

impl Pending {
    pub(super) fn announce(&mut self, id: u64, role: Arc<[u8]>, cause: u64) {
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
    pub(super) fn came_back(&mut self, role: &Arc<[u8]>, cause: u64) -> Option<u64> {
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
        self.items.push(Item { cause, what: What::Say(said, Names::new()) });
    }

    /// Notes machines that are to hear a message, in the order of their names. It is one message,
    /// however many endpoints of theirs it matches.
    pub(super) fn say_to(&mut self, cause: u64, said: Said, to: impl Iterator<Item = Text>) {
        let known = self.items.iter_mut().rev().take_while(|item| item.cause == cause);
        for item in known {
            if let What::Say(known, names) = &mut item.what
                && *known == said
            {
                return to.for_each(|name| add(names, name));
            }
        }
        self.items.push(Item { cause, what: What::Say(said, to.collect()) });
    }

    /// Notes a machine that is to hear the refusals of this action that meet a topic of its.
    pub(super) fn refuse_to(&mut self, cause: u64, topic: &Topic, to: &Text) {
        for item in self.items.iter_mut().rev().take_while(|item| item.cause == cause) {
            if let What::Say(Said::Refusal(refused, _), names) = &mut item.what
                && refused.meets(topic)
            {
                add(names, to.clone());
            }
        }
    }

    fn by(&self, cause: u64) -> impl Iterator<Item = &Item> {
        self.items.iter().rev().take_while(move |item| item.cause == cause)
    }
}

fn add(names: &mut Names, name: Text) {
    if let Err(at) = names.binary_search(&name) {
        names.insert(at, name);
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
            match what {
                What::Announce(id, role) => self.frames.announce(cause, id, &role),
                What::Change(id, role) => self.frames.change(cause, id, &role),
                What::Withdraw(id, reason) => self.write_fitting(&reason, |frames, reason| {
                    frames.withdraw(cause, id, reason);
                }),
                What::Say(_, to) if to.is_empty() => continue,
                What::Say(said, to) => {
                    self.say_now(cause, &said, &to).append_to(&mut actions);
                    continue;
                }
            }
            self.push_to_all();
        }
        self.frames.clear();
        self.settle().append_to(&mut actions);
        actions
    }

    /// Tells all machines what was written last.
    pub(super) fn push_to_all(&mut self) {
        let frame = self.frames.bytes();
        self.peers.values_mut().for_each(|peer| peer.link.push(frame));
    }

    /// Writes the frame for a reason, or for another one, if that is too large.
    pub(super) fn write_fitting(&mut self, reason: &Reason, write: impl Fn(&mut FrameWriter, &Reason)) {
        write(&mut self.frames, reason);
        if self.frames.bytes().len() > self.settings.message_bytes {
            write(&mut self.frames, &Reason::Value("a reason that is too large".into()));
        }
    }

    /// Tells these machines what was said, or warns.
    fn say_now(&mut self, cause: u64, said: &Said, to: &Names) -> ActionTree<Self> {
        let written = match said {
            Said::Message(from, body) => self.frames.message(cause, *from, body),
            Said::Refusal(topic, why) => self.frames.refuse(cause, topic, why),
        };
        let (frame, limit) = (self.frames.bytes(), self.settings.message_bytes);
        if let Err(why) = written {
            return self.warnings.warn("messages", || format!("a message is not sent: {why}"));
        }
        if frame.len() > limit {
            let text = || format!("a message of {} bytes is not sent: the limit is {limit}", frame.len());
            return self.warnings.warn("large messages", text);
        }
        for name in to {
            if let Some(peer) = self.peers.get_mut(name).filter(|peer| peer.link.stands()) {
                self.counts.sent += 1;
                peer.link.push(frame);
            }
        }
        ActionTree::new()
    }
}
