//! Nicks: each has one owner at a time.

use std::collections::BTreeMap;

use marketplace::prelude::*;

use super::place;
use super::session::Session;

/// A nick, by its place. To subscribe is to want it. It is granted by the presence of a publisher,
/// or refused.
#[derive(Message, Clone, Debug, PartialEq)]
struct Nick {
    place: Text,
    owner: Fresh,
}

type Owners = BTreeMap<Text, Fresh>;

/// Grants each nick to the first who wants it, for as long as they do, and refuses it to others.
pub(crate) fn nicks() -> Transition<Owners> {
    transition!(
        Owners::new(),
        observe_subscribers!(
            Nick { .. },
            match_conversation!(Nick { place, owner } => match_state!(owners: &mut Owners =>
                on_presence!(if owners.contains_key(&place) {
                    actions![refuse(topic!(Nick { place, owner }), "taken")]
                } else {
                    owners.insert(place.clone(), owner);
                    actions![name_endpoint(("nick", &place), publisher!(Nick { place, owner }))]
                }),
                on_absence!((owners.get(&place) == Some(&owner)).then(|| {
                    owners.remove(&place);
                    delete_endpoint(("nick", &place))
                })),
            )),
        ),
    )
}

impl Session {
    /// The client wants this nick. It keeps the one that it has until it gets the other.
    pub(crate) fn wants(&mut self, nick: &str) -> ActionTree<Self> {
        if !is_nick(nick) {
            return self.client.reply(432, format!("{nick} :Erroneous nickname"));
        }
        let (place, owner, nick) = (place(nick), self.client.me.id, Text::from(nick));
        if place == self.place() {
            return self.takes(nick);
        }
        let wish = subscriber!(
            Nick { place, owner },
            match_state!(session: &mut Self =>
                on_presence!(session.takes(nick.clone())),
                on_refusal!(actions![
                    session.client.reply(433, format!("{nick} :Nickname is already in use")),
                    delete_endpoint(("nick", &place)),
                ]),
            ),
        );
        actions![name_endpoint(("nick", &place), wish)]
    }

    /// The client has this nick.
    fn takes(&mut self, nick: Text) -> ActionTree<Self> {
        let told = self.registered.then(|| self.client.tell(format!(":{} NICK :{nick}", self.client.me)));
        let before = self.place();
        self.client.me.nick = nick;
        let gives_back = (!before.is_empty() && before != self.place())
            .then(|| actions![self.leave(&before, &Reason::Changed), delete_endpoint(("nick", &before))]);
        actions![told, gives_back, self.shows_itself(), self.registers()]
    }
}

fn is_nick(nick: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || "[]\\`_^{|}".contains(c);
    nick.len() <= 30
        && nick.starts_with(is_letter)
        && nick.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '-')
}
