//! Commands: a client says one, and the session does something about it.

use marketplace::prelude::*;

use super::channel::About;
use super::client::SERVER;
use super::line::Line;
use super::session::{Session, quits};
use super::{ask, is_channel, place};

impl Session {
    pub(crate) fn hears(&mut self, line: &str) -> ActionTree<Self> {
        let Line { command, args } = Line::read(line);
        match (&*command, &*args) {
            ("" | "PASS" | "PONG", _) => actions![],
            ("CAP", ["LS", ..]) => self.client.tell(format!(":{SERVER} CAP * LS :")),
            ("CAP", _) => actions![],
            ("PING", [token, ..]) => self.client.tell(format!(":{SERVER} PONG {SERVER} :{token}")),
            ("QUIT", args) => {
                let why = args.first().map_or("Client quit".into(), |why| format!("Quit: {why}"));
                actions![self.client.tell(format!("ERROR :{why}")), quits(&why)]
            }
            ("NICK", [nick, ..]) => self.wants(nick),
            ("NICK", []) => self.client.reply(431, ":No nickname given"),
            ("USER", _) if self.registered => self.client.reply(462, ":You may not reregister"),
            ("USER", [name, _, _, real, ..]) => {
                self.client.me.name = name.replace(['!', '@'], "").into();
                self.client.me.real = (*real).into();
                self.registers()
            }
            _ if !self.registered => self.client.reply(451, ":You have not registered"),
            (command, args) => self.command(command, args),
        }
    }

    /// The commands of a client that is registered.
    fn command(&self, command: &str, args: &[&str]) -> ActionTree<Self> {
        let client = self.client.clone();
        let named = args.first().map(|name| place(name)).unwrap_or_default();
        match (command, args) {
            ("JOIN", [names, ..]) => actions![names.split(',').map(|name| self.join(name))],
            ("PART", [names, why @ ..]) => {
                let why = why.first().copied().unwrap_or_default();
                actions![names.split(',').map(|name| self.part(name, why))]
            }
            ("PRIVMSG" | "NOTICE", [to, text, ..]) => self.says(command, to, text),
            ("PRIVMSG" | "NOTICE", [_]) => client.reply(412, ":No text to send"),
            ("TOPIC" | "NAMES", [name, ..]) if !self.is_on(&named) => {
                client.reply(442, format!("{name} :You're not on that channel"))
            }
            ("TOPIC", [_]) => actions![spawn!(ask::topic(client, named, true))],
            ("TOPIC", [_, text, ..]) => {
                let by = client.me.to_string();
                actions![send_feedback!(About {
                    channel: named,
                    text: Text::from(*text),
                    by: Text::from(by)
                })]
            }
            ("NAMES", [_, ..]) => actions![spawn!(ask::names(client, named))],
            ("WHO", [_, ..]) => actions![spawn!(ask::who(client, named))],
            ("LIST", _) => actions![spawn!(ask::list(client))],
            // Nobody has any mode, and none can be set.
            ("MODE", [name, ..]) if is_channel(name) => client.reply(324, format!("{name} +")),
            ("MODE", [_, ..]) => client.reply(221, "+"),
            ("JOIN" | "PART" | "PRIVMSG" | "NOTICE" | "TOPIC" | "NAMES" | "WHO" | "MODE" | "USER", _) => {
                client.reply(461, format!("{command} :Not enough parameters"))
            }
            _ => client.reply(421, format!("{command} :Unknown command")),
        }
    }
}
