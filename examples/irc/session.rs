//! A session: one for each connection. It ends with the connection, and the connection with it.

use marketplace::prelude::*;
use marketplace_drivers::tcp::{TcpAddress, TcpChannel, TcpFeedback, TcpMode, TcpPacket, TcpSignal};

use super::client::{Client, SERVER};
use super::sight::Sight;
use super::silence::waits;
use super::{Left, Talk, ask, is_channel, place};

pub(crate) struct Session {
    pub(crate) client: Client,
    /// The client has a nick, and has said who it is.
    pub(crate) registered: bool,
    pub(crate) sight: Sight,
}

pub(crate) fn session(them: TcpAddress, us: TcpAddress) -> Transition<Session> {
    let client = Client::new(them.clone(), us.clone());
    let session = Session { client, registered: false, sight: Sight::new() };
    transition!(
        session,
        waits(),
        at_meta_level!(
            send_feedback!(TcpFeedback(them, us, TcpSignal::Mode(TcpMode::ShortLines))),
            publisher!(TcpChannel(us, them, _)),
            subscriber!(
                TcpChannel(them, us, _),
                match_reason!(why: Reason => on_absence!(if why.is_normal() {
                    quits("Connection closed")
                } else {
                    quits(&why.to_string())
                })),
                on_vacancy!(quit()),
                match_state!(session: &mut Session => on_message!(
                    TcpChannel(_, _, TcpPacket::Data(line)) =>
                        (waits(), session.hears(&String::from_utf8_lossy(&line))),
                    TcpChannel(_, _, TcpPacket::Skipped(_)) => session.client.reply(417, ":Input line was too long"),
                    TcpChannel(_, _, TcpPacket::Eof) => quits("Connection closed"),
                )),
                match_state!(session: &Session => on_shutdown!(session.client.tell("ERROR :The server ends"))),
            ),
        ),
    )
}

pub(crate) fn quits(why: &str) -> PreAction<Session> {
    quit().because(Left::Quit(why.into()))
}

impl Session {
    /// The place that is the client's nick.
    pub(crate) fn place(&self) -> Text {
        place(&self.client.me.nick)
    }

    /// Is welcomed, once it is known who it is.
    pub(crate) fn registers(&mut self) -> ActionTree<Self> {
        let me = &self.client.me;
        if self.registered || me.nick.is_empty() || me.name.is_empty() {
            return actions![];
        }
        self.registered = true;
        actions![
            self.client.reply(1, format!(":Welcome, {}", self.client.me)),
            self.client.reply(2, format!(":Your host is {SERVER}")),
            self.client.reply(4, format!("{SERVER} marketplace o o")),
            self.client.reply(422, ":There is no message of the day"),
            self.shows_itself(),
        ]
    }

    /// Shows who it is, wherever it is.
    pub(crate) fn shows_itself(&self) -> ActionTree<Self> {
        if !self.registered {
            return actions![];
        }
        actions![self.enter(&self.place()), self.channels().map(|channel| self.enter(channel))]
    }

    pub(crate) fn says(&self, command: &str, to: &str, text: &str) -> ActionTree<Self> {
        let (place, from) = (place(to), self.client.me.id);
        let line = Text::from(format!(":{} {command} {to} :{text}", self.client.me));
        if is_channel(&place) && !self.is_on(&place) {
            self.client.reply(404, format!("{to} :Cannot send to channel"))
        } else if is_channel(&place) || command == "NOTICE" {
            actions![send_message!(Talk { place, from, line })]
        } else {
            let (client, to) = (self.client.clone(), Text::from(to));
            actions![spawn!(ask::say(client, to, line))]
        }
    }
}
