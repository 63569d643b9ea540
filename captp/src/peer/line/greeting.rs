//! The beginning of a session: two hellos, about which the hub is asked.

use bytes::Bytes;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::netlayer::Seed;
use crate::peer::line::presence::CapTpSession;
use crate::peer::line::roster::Listed;
use crate::peer::line::running::Running;
use crate::peer::line::{Farewell, Line, Stage, keys_of, say};
use crate::peer::talk::{Greeting, Standing, Verdict, opaque};
use crate::sessions::PeerName;
use crate::syrup::Writer;
use crate::wire::{Hello, Keys, Op, SessionId};

/// A connection that stands, before the session begins.
#[derive(Clone)]
pub(super) struct Greeted {
    /// The seed of the keys, a secret.
    pub(super) seed: Bytes,
    /// Our keys.
    pub(super) keys: Keys,
}

impl Line {
    /// The connection stands. The side that dialled says hello first, when it is known that it may.
    pub(super) fn connected(&mut self, Seed(seed): &Seed) -> ActionTree<Self> {
        let Some(keys) = keys_of(seed) else {
            return self.end("the seed does not have 32 bytes", Farewell::None);
        };
        let (ours, judge) = (keys.public(), self.start.judge.clone());
        let greeted = Greeted { seed: seed.clone(), keys };
        if !self.start.dialled {
            self.stage = Stage::Connected(greeted);
            return self.hear_inbox();
        }
        self.stage = Stage::Asked(greeted);
        ask(
            |cx| judge.greets(cx, opaque(ours)),
            |mut line: Self, may| {
                let actions = match may {
                    Ok(()) => line.greet(),
                    Err(reason) => line.end(&reason.to_string(), Farewell::None),
                };
                transition!(line, actions)
            },
        )
    }

    fn greet(&mut self) -> ActionTree<Self> {
        let Stage::Asked(greeted) = &self.stage else { return ActionTree::new() };
        if self.over.is_some() {
            return ActionTree::new();
        }
        let greeted = greeted.clone();
        let hello = self.say_hello(&greeted.keys);
        self.stage = Stage::Connected(greeted);
        actions![hello, self.hear_inbox()]
    }

    fn say_hello(&self, keys: &Keys) -> ActionTree<Self> {
        let mut writer = Writer::new();
        Hello::write(&self.start.location, keys, &mut writer);
        say(&self.start.source, self.start.spelling.framed(writer.into_bytes()).into())
    }

    /// Reads the first message of the peer, and asks what is to be done.
    pub(super) fn hello(&mut self, message: &[u8]) -> ActionTree<Self> {
        let Stage::Connected(greeted) = &self.stage else {
            return ActionTree::new();
        };
        let hello = match Op::read(message, self.start.bounds.message) {
            Ok(Op::Start(hello)) => hello,
            Ok(Op::Abort(why)) => return self.end(&why, Farewell::None),
            Ok(_) => return self.end("the first message was no hello", Farewell::Abort),
            Err(error) => return self.end(&error.to_string(), Farewell::Abort),
        };
        if !self.known.proof.allows(&hello.location, &self.start.location.transport) {
            let why = format!("`{}` is not the name that was proved", PeerName::of(&hello.location));
            return self.end(&why, Farewell::Abort);
        }
        let greeting = opaque(Greeting { hello: hello.clone(), ours: greeted.keys.public() });
        self.stage = Stage::Asked(greeted.clone());
        let judge = self.start.judge.clone();
        ask(
            |cx| judge.hello(cx, greeting),
            move |mut line: Self, verdict| {
                let actions = match verdict {
                    Ok(Verdict::Begin { bootstrap }) => line.begin(&hello, bootstrap),
                    Ok(Verdict::Abort { why }) => line.end(&why, Farewell::Abort),
                    Err(reason) => line.end(&reason.to_string(), Farewell::Abort),
                };
                transition!(line, actions)
            },
        )
    }

    /// The session begins: what has waited is heard.
    fn begin(&mut self, hello: &Hello, bootstrap: Reference) -> ActionTree<Self> {
        let Stage::Asked(greeted) = &self.stage else { return ActionTree::new() };
        if self.over.is_some() {
            return ActionTree::new();
        }
        let keys = greeted.keys.clone();
        let said = (!self.start.dialled).then(|| self.say_hello(&keys));
        let (mut running, of_peer) = Running::new(&self.start, greeted.clone(), hello, bootstrap);
        let (our_id, peer_id) = (keys.public().id(), hello.key.id());
        let (shows, clauses) = self.showing();
        let standing = Standing {
            id: SessionId::between(our_id, peer_id),
            location: hello.location.clone(),
            our_keys: keys,
            our_id,
            peer_key: hello.key,
            peer_id,
            bootstrap: of_peer,
            reach: self.known.reach,
            shows,
            ending: running.ending.clone(),
        };
        running.around.listed = Some(Listed::new(&self.start.roster, self.pid, standing.clone()));
        self.stage = Stage::Running(Box::new(running));
        self.unheard = 0;
        let (asked, judge) = (self.asked(), &self.start.judge);
        let stands = tell(|cx| judge.stands(cx, opaque(standing)));
        let (peer, dialled) = (Text::from(hello.location.to_uri()), self.start.dialled);
        let present = publisher!(CapTpSession { peer, dialled });
        actions![clauses, said, asked, stands, present, self.hear_inbox()]
    }
}
