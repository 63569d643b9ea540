//! Channels: who is on one, and what it is about.

use marketplace::prelude::*;

use super::session::Session;
use super::{Here, Left, Talk, is_channel, place};

/// A channel is about this, and somebody said so. Everybody on the channel subscribes to it. That
/// is the demand for the channel's process, which publishes it.
#[derive(Message, Clone, Debug, PartialEq)]
pub(crate) struct About {
    pub(crate) channel: Text,
    pub(crate) text: Text,
    pub(crate) by: Text,
}

/// The first subscriber brings the channel's process, the last one takes it away.
pub(crate) fn channels() -> AddEndpoint<()> {
    observe_subscribers!(
        About { .. },
        match_conversation!(About { channel, .. } => on_first_presence!(spawn!(topic(channel)))),
    )
}

/// A channel is about nothing before somebody says, as feedback, what it is about.
fn topic(channel: Text) -> Transition<()> {
    transition_no_state!(observe_subscribers!(
        About { channel, .. },
        on_last_absence!(quit()),
        on_message!(about: About => name_endpoint("about", publisher!(topic = about.to_value()))),
    ))
}

impl Session {
    pub(crate) fn join(&self, name: &str) -> ActionTree<Self> {
        let channel = place(name);
        if !is_channel(&channel) || channel.contains([' ', '\x07']) || channel.len() > 50 {
            return self.client.reply(403, format!("{name} :No such channel"));
        }
        actions![
            self.watch(&channel),
            name_endpoint(
                ("about", &channel),
                subscriber!(
                    About { channel, .. },
                    match_conversation!(About { channel, text, by } =>
                        match_state!(session: &Self if session.is_on(&channel) =>
                            on_presence!(session.client.tell(format!(":{by} TOPIC {channel} :{text}"))))),
                ),
            ),
            self.enter(&channel),
        ]
    }

    pub(crate) fn part(&self, name: &str, why: &str) -> ActionTree<Self> {
        let channel = place(name);
        if !self.is_on(&channel) {
            return self.client.reply(442, format!("{name} :You're not on that channel"));
        }
        let why = Reason::value(&Left::Part(why.into()));
        // It leaves first, and so sees itself leave; then it looks away.
        actions![self.leave(&channel, &why), ["about", "watch"].map(|what| delete_endpoint((what, &channel)))]
    }

    /// Is at a place, and hears what is said there. If it is there already, only who it is changes.
    pub(crate) fn enter(&self, place: &Text) -> ActionTree<Self> {
        let me = &self.client.me;
        actions![
            name_endpoint(("here", place), publisher!(Here { place, who: me })),
            name_endpoint(
                ("talk", place),
                subscriber!(
                    Talk { place, .. },
                    match_state!(session: &Self => on_message!(
                        // On a channel, nobody is told their own words.
                        Talk { place, from, .. } if from == session.client.me.id && is_channel(&place) => (),
                        Talk { line, .. } => session.client.tell(line),
                    )),
                ),
            ),
        ]
    }

    pub(crate) fn leave(&self, place: &Text, why: &Reason) -> ActionTree<Self> {
        actions![["here", "talk"].map(|what| delete_endpoint((what, place)).because(why.clone()))]
    }
}
