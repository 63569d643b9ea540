//! Questions about what there is. Each is a process that looks around, answers and ends.
//!
//! A new endpoint is shown all that is there before anything else happens, and a yield in the same
//! transition comes after that: so the answer is complete.

use std::collections::BTreeMap;

use marketplace::prelude::*;

use super::channel::About;
use super::client::{Client, SERVER};
use super::{Here, Talk, User, is_channel, place};

/// So many nicks are in a line of NAMES.
const NICKS: usize = 10;

/// Tells a client that joins a channel the topic, if there is one, and who is there.
pub(crate) fn arrival(client: Client, channel: Text) -> Transition<()> {
    let (about, on) = (client.clone(), channel.clone());
    transition_no_state!(spawn!(topic(about, on, false)), spawn!(names(client, channel)))
}

pub(crate) fn names(client: Client, channel: Text) -> Transition<Vec<User>> {
    who_is_at(&channel.clone(), move |users| {
        let nicks: Vec<&str> = users.iter().map(|who| &*who.nick).collect();
        let line = |some: &[&str]| client.reply(353, format!("= {channel} :{}", some.join(" ")));
        actions![nicks.chunks(NICKS).map(line), client.reply(366, format!("{channel} :End of NAMES list"))]
    })
}

/// Tells who is on a channel, or has a nick.
pub(crate) fn who(client: Client, place: Text) -> Transition<Vec<User>> {
    who_is_at(&place.clone(), move |users| {
        let shown = if is_channel(&place) { &*place } else { "*" };
        let line = |User { nick, name, host, real, .. }: &User| {
            client.reply(352, format!("{shown} {name} {host} {SERVER} {nick} H :0 {real}"))
        };
        actions![users.iter().map(line), client.reply(315, format!("{place} :End of WHO list"))]
    })
}

fn who_is_at(
    place: &Text,
    answer: impl FnOnce(&[User]) -> ActionTree<Vec<User>> + Send + 'static,
) -> Transition<Vec<User>> {
    transition!(
        Vec::new(),
        observe_publishers!(
            Here { place, .. },
            match_conversation!(Here { who, .. } => match_state!(users: &mut Vec<User> =>
                on_presence!(users.push(who)))),
        ),
        yield_now!(move |users: Vec<User>| transition!(Vec::new(), answer(&users), quit())),
    )
}

/// Tells of the channels, how many users are on each, and what it is about.
pub(crate) fn list(client: Client) -> Transition<BTreeMap<Text, (usize, Text)>> {
    type Channels = BTreeMap<Text, (usize, Text)>;
    transition!(
        Channels::new(),
        observe_publishers!(
            Here { .. },
            match_conversation!(Here { place, .. } if is_channel(&place) =>
                match_state!(channels: &mut Channels =>
                    on_presence!(channels.entry(place).or_default().0 += 1))),
        ),
        observe_publishers!(
            About { .. },
            match_conversation!(About { channel, text, .. } => match_state!(channels: &mut Channels =>
                on_presence!(channels.entry(channel).or_default().1 = text))),
        ),
        yield_now!(move |channels: Channels| {
            let line = |(name, (users, about)): (&Text, &(usize, Text))| {
                client.reply(322, format!("{name} {users} :{about}"))
            };
            let answer = actions![channels.iter().map(line), client.reply(323, ":End of LIST")];
            transition!(channels, answer, quit())
        }),
    )
}

/// Tells what a channel is about. That it is about nothing is said only if asked for.
pub(crate) fn topic(client: Client, channel: Text, or_none: bool) -> Transition<Client> {
    transition!(
        client,
        observe_publishers!(
            About { channel, .. },
            match_state!(client: &Client =>
                match_conversation!(About { channel, text, .. } =>
                    on_presence!(actions![client.reply(332, format!("{channel} :{text}")), quit()])),
                on_vacancy!(actions![
                    or_none.then(|| client.reply(331, format!("{channel} :No topic is set"))),
                    quit(),
                ]),
            ),
        ),
    )
}

/// Says something to a user, if there is one of this nick.
pub(crate) fn say(client: Client, nick: Text, line: Text) -> Transition<Client> {
    let (place, from) = (place(&nick), client.me.id);
    transition!(
        client,
        publisher!(
            Talk { place, .. },
            on_presence!(actions![send_message!(Talk { place, from, line }), quit()]),
            match_state!(client: &Client => on_vacancy!(actions![
                client.reply(401, format!("{nick} :No such nick")),
                quit(),
            ])),
        ),
    )
}
