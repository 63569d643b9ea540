//! A session that has begun, and what its process knows besides.

use marketplace::Source;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::line::deciding::Deciding;
use crate::peer::line::greeting::Greeted;
use crate::peer::line::held::Waiting;
use crate::peer::line::outbox::Outbox;
use crate::peer::line::roster::Listed;
use crate::peer::line::{Line, Start, say};
use crate::peer::settlers::Settlers;
use crate::peer::talk::{Ending, Judge};
use crate::session::Session;
use crate::wire::{Hello, PublicKey, SessionId};

/// A session that has begun.
pub(super) struct Running {
    pub(super) session: Session,
    pub(super) around: Around,
    outbox: Outbox,
    /// How many operations have gone out.
    pub(super) said: u64,
    /// Where the peer says that it is, and the name of the session, for people.
    pub(super) peer: Text,
    pub(super) name: Text,
    /// The releases are to be written, after a yield.
    pub(super) releases_are_due: bool,
    pub(super) ending: Ending,
}

/// The surroundings of a session: it has this from the process in which it is.
pub(super) struct Around {
    /// The actions that are to be done, in order.
    pub(super) asked: Vec<ActionTree<Line>>,
    /// The promises that the peer decides.
    pub(super) deciding: Deciding,
    /// Imported promises to which the session is to listen.
    pub(super) to_listen: Vec<u64>,
    /// Messages of the peer that wait for objects of others.
    pub(super) waiting: Waiting,
    /// Our export 0, which is only shown.
    pub(super) home: Reference,
    /// The entry in the roster, while the session stands.
    pub(super) listed: Option<Listed>,
    pub(super) settlers: Settlers,
    pub(super) judge: Far<dyn Judge>,
    pub(super) greeted: Greeted,
    /// The key of the peer.
    pub(super) peer: PublicKey,
    /// How many gifts there were.
    pub(super) gifts: u64,
    /// A gift was deposited in this session, by either side.
    pub(super) gave: bool,
    /// The deposits of the message that is being written.
    pub(super) deposits: Vec<ActionTree<Line>>,
    /// How many objects of the peer are to hear how something is settled; and the most of them.
    pub(super) listeners: usize,
    pub(super) most_listeners: usize,
}

impl Running {
    /// A session that begins, in which `bootstrap` is our export 0; and that of the peer.
    pub(super) fn new(
        start: &Start,
        greeted: Greeted,
        hello: &Hello,
        bootstrap: Reference,
    ) -> (Self, Reference) {
        let id = SessionId::between(greeted.keys.public().id(), hello.key.id());
        let mut around = Around {
            asked: Vec::new(),
            deciding: Deciding::default(),
            to_listen: Vec::new(),
            waiting: Waiting::new(start.held),
            home: bootstrap.shown(),
            listed: None,
            settlers: start.settlers.clone(),
            judge: start.judge.clone(),
            greeted,
            peer: hello.key,
            gifts: 0,
            gave: false,
            deposits: Vec::new(),
            listeners: 0,
            most_listeners: start.bounds.answers,
        };
        let mut session = Session::new(start.spelling, start.bounds, bootstrap);
        let of_peer = session.bootstrap(&mut around);
        (
            Self {
                session,
                around,
                outbox: Outbox::default(),
                said: 0,
                peer: hello.location.to_uri().into(),
                name: id.to_string().into(),
                releases_are_due: false,
                ending: Ending::default(),
            },
            of_peer,
        )
    }

    /// Writes the end, behind all that waits to be written.
    pub(super) fn abort(&mut self, why: &str) {
        if self.session.has_releases() {
            self.session.write_releases();
        }
        self.session.abort(why);
        self.outbox.let_go();
    }

    /// Takes what has been written. If the last message hands something off, it waits for its
    /// deposits: they are asked for now, and are written before the yield is over.
    pub(super) fn post(&mut self) {
        let mut written = self.session.take_written();
        let last = written.pop();
        written.into_iter().for_each(|message| self.outbox.push(message, false));
        let deposits = std::mem::take(&mut self.around.deposits);
        let Some(last) = last else { return };
        self.outbox.push(last, !deposits.is_empty());
        if deposits.is_empty() {
            return;
        }
        self.around.ask(deposits);
        self.around.ask(yield_now!(|mut line: Line| {
            let written = line.run(|running| running.outbox.deposited());
            transition!(line, written)
        }));
    }

    /// Writes a deposit, in front of messages that wait for others.
    pub(super) fn post_deposit(&mut self) {
        let written = self.session.take_written();
        written.into_iter().for_each(|message| self.outbox.push_urgent(message));
    }

    /// Whether nothing waits to be written.
    pub(super) fn has_said_all(&self) -> bool {
        !self.releases_are_due && self.outbox.is_empty()
    }

    /// How many operations there were, in both directions.
    pub(super) fn traffic(&self) -> u64 {
        self.said + self.session.heard()
    }

    /// Takes what is to be done, and behind that what was written. Releases are written with what
    /// is written anyway, behind it; else after a yield, so that one message tells many.
    pub(super) fn take_asked(&mut self, source: &Source) -> ActionTree<Line> {
        self.post();
        let mut written: Vec<_> = self.outbox.take().collect();
        let mut asked = std::mem::take(&mut self.around.asked);
        if self.session.has_releases() {
            if !written.is_empty() {
                self.session.write_releases();
                self.post();
                written.extend(self.outbox.take());
            } else if !std::mem::replace(&mut self.releases_are_due, true) {
                asked.push(ActionTree::from(yield_now!(|mut line: Line| {
                    let asked = line.run(Self::write_releases);
                    transition!(line, asked)
                })));
            }
        }
        self.said += written.len() as u64;
        asked.extend(written.into_iter().map(|message| say(source, message)));
        asked.into_action_tree()
    }

    fn write_releases(&mut self) {
        self.releases_are_due = false;
        if self.session.has_releases() {
            self.session.write_releases();
        }
    }
}

impl Around {
    /// Asks for something, behind what was asked for.
    pub(super) fn ask(&mut self, actions: impl IntoActionTree<Line>) {
        self.asked.push(actions.into_action_tree());
    }
}
