//! Sessions that somebody wants.

use std::sync::Arc;

use marketplace::Source;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::netlayer::Reach;
use crate::peer::PeerError;
use crate::peer::hub::Hub;
use crate::peer::hub::listening::Listening;
use crate::peer::line::{After, Start, line};
use crate::peer::talk::{Standing, from_opaque, opaque};
use crate::sessions::{FULL, LineId, PeerName, Way};
use crate::wire::Location;

/// A session that somebody waits for, or has waited for: a promise of a [`Standing`].
pub(super) struct Wanted {
    standing: Promise<Value>,
    resolver: Resolver<Value>,
}

impl Hub {
    /// Sends something to a peer when a session with it stands, which may be now. Gives the promise
    /// of the answer. If a peer has given the location, it may lead so far.
    pub(super) fn with_session(
        &mut self,
        location: &Location,
        reach: Option<Reach>,
        send: impl FnOnce(&mut Self, Standing, LineId) -> (ActionTree<Self>, Promise<Value>) + Send + 'static,
    ) -> (ActionTree<Self>, Promise<Value>) {
        let (standing, dials) = self.want(location, reach);
        let (answer, resolver) = promise::<Value>();
        let peer = PeerName::of(location);
        let sends = when(standing, move |mut hub: Self, standing: Result<Value, Reason>| {
            let actions = match standing {
                Err(why) => resolver.break_because(why).into_action_tree(),
                Ok(standing) => match (from_opaque(&standing), hub.sessions.line_of(&peer)) {
                    (Some(standing), Some(line)) => {
                        let (sent, answer) = send(&mut hub, standing, line);
                        actions![sent, resolver.follow(answer)]
                    }
                    _ => {
                        let ended = unreachable(&peer, "the session has just ended");
                        resolver.break_because(ended).into_action_tree()
                    }
                },
            };
            transition!(hub, actions)
        });
        (actions![dials, sends], answer)
    }

    /// A promise of the session with a peer. One connection serves all who want one.
    fn want(&mut self, location: &Location, reach: Option<Reach>) -> (Promise<Value>, ActionTree<Self>) {
        let peer = PeerName::of(location);
        if let Some(wanted) = self.wanted.get(&peer) {
            return (wanted.standing.clone(), actions![]);
        }
        let (standing, resolver) = promise::<Value>();
        self.wanted.insert(peer.clone(), Wanted { standing: standing.clone(), resolver: resolver.clone() });
        let actions = match self.sessions.way(&peer) {
            Way::Stands(session) => resolver.fulfill(opaque(session.clone())).into_action_tree(),
            Way::Begun => actions![],
            Way::Nothing => self.dial(location, reach),
        };
        (standing, actions)
    }

    pub(super) fn dial(&mut self, location: &Location, reach: Option<Reach>) -> ActionTree<Self> {
        if let Listening::Starts { wanted, .. } = &mut self.listening {
            wanted.push((location.clone(), reach));
            return actions![];
        }
        let peer = PeerName::of(location);
        // A peer that was to be dialled may have connected meanwhile.
        if !matches!(self.sessions.way(&peer), Way::Nothing) {
            return actions![];
        }
        if self.sessions.is_full() {
            return self.lose(&peer, FULL);
        }
        match self.netlayer.dial(location, reach) {
            Err(why) => self.lose(&peer, &why),
            Ok(source) => {
                let line = self.new_line();
                self.sessions.dials(line, peer);
                self.start(line, source, true)
            }
        }
    }

    /// The processes that wait for this peer wait in vain.
    pub(super) fn lose(&mut self, peer: &PeerName, why: &str) -> ActionTree<Self> {
        let lost = self.wanted.remove(peer);
        actions![lost.map(|wanted| wanted.resolver.break_because(unreachable(peer, why)))]
    }

    /// The processes that wait for this peer have it.
    pub(super) fn win(&self, peer: &PeerName, standing: &Standing) -> ActionTree<Self> {
        let wanted = self.wanted.get(peer);
        actions![wanted.map(|wanted| wanted.resolver.fulfill(opaque(standing.clone())))]
    }

    fn after(&self) -> After {
        let netlayer = self.netlayer.clone();
        Arc::new(move |time| netlayer.after(time))
    }

    pub(super) fn new_line(&mut self) -> LineId {
        self.next_line += 1;
        LineId(self.next_line)
    }

    /// Starts the process of a connection.
    pub(super) fn start(&mut self, id: LineId, source: Source, dialled: bool) -> ActionTree<Self> {
        let (judge, clauses) = self.judge_of(id);
        let start = Start {
            source,
            dialled,
            location: self.location.clone(),
            spelling: self.options.spelling,
            bounds: self.options.bounds,
            judge,
            roster: self.roster.clone(),
            settlers: self.settlers.clone(),
            after: self.after(),
            idle_for: self.options.idle_for,
            held: self.options.held,
            unheard: self.options.unheard,
        };
        actions![clauses, line::<Self>(start)]
    }
}

pub(super) fn unreachable(peer: &PeerName, why: &str) -> PeerError {
    PeerError::Unreachable { peer: peer.to_string().into(), why: why.into() }
}
