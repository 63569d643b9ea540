//! Comings and goings: a client is told of those on the channels on which it is itself.
//!
//! A client hears of somebody once, however many channels they share: that is what [`Sight`] is
//! for. It has what was seen on channels, and decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use marketplace::prelude::*;

use super::session::Session;
use super::{Here, Left, User, ask};

/// The users who are seen, and the channels of each.
pub(crate) type Sight = BTreeMap<Fresh, (User, BTreeSet<Text>)>;

impl Session {
    /// Looks at who is on a channel. People who are there already are seen at once; so the client,
    /// who comes after this, sees itself come last.
    pub(crate) fn watch(&self, channel: &Text) -> AddEndpoint<Self> {
        name_endpoint(
            ("watch", channel),
            observe_publishers!(
                Here { place: channel, .. },
                match_conversation!(Here { place, who } => match_state!(session: &mut Self =>
                    on_presence!(session.sees(place, who)),
                    match_reason!(Reason::Changed => on_absence!()),
                    match_reason!(why: Left => on_absence!(session.misses(&place, &who, why))),
                    match_reason!(why: Reason => on_absence!({
                        session.misses(&place, &who, Left::Quit(why.to_string().into()))
                    })),
                )),
            ),
        )
    }

    pub(crate) fn is_on(&self, channel: &Text) -> bool {
        self.channels().any(|on| on == channel)
    }

    /// The channels on which the client has seen itself.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Text> {
        self.sight.get(&self.client.me.id).into_iter().flat_map(|(_, channels)| channels)
    }

    fn sees(&mut self, channel: Text, who: User) -> ActionTree<Self> {
        let (is_me, is_here) = (who.id == self.client.me.id, self.is_on(&channel));
        let (known, channels) = self.sight.entry(who.id).or_insert_with(|| (who.clone(), BTreeSet::new()));
        let is_new = channels.insert(channel.clone());
        let before = std::mem::replace(known, who.clone());
        if is_new && (is_here || is_me) {
            let joined = self.client.tell(format!(":{who} JOIN {channel}"));
            let client = self.client.clone();
            actions![joined, is_me.then(|| spawn!(ask::arrival(client, channel)))]
        } else if before.nick != who.nick && !is_me {
            self.client.tell(format!(":{before} NICK :{}", who.nick))
        } else {
            actions![]
        }
    }

    fn misses(&mut self, channel: &Text, who: &User, why: Left) -> ActionTree<Self> {
        let is_here = self.is_on(channel);
        let Some((_, channels)) = self.sight.get_mut(&who.id) else { return actions![] };
        let is_told = channels.remove(channel) && is_here;
        if channels.is_empty() || (is_told && matches!(why, Left::Quit(_))) {
            self.sight.remove(&who.id);
        }
        match why {
            _ if !is_told => actions![],
            Left::Part(why) => self.client.tell(format!(":{who} PART {channel} :{why}")),
            Left::Quit(why) => self.client.tell(format!(":{who} QUIT :{why}")),
        }
    }
}
