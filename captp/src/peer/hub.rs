//! The hub: the process of a peer that has what is published, and knows who is connected to whom.

mod dialling;
mod given;
mod judging;
mod lapsing;
mod listening;
mod published;
mod showing;
#[cfg(test)]
mod tests;
mod unheard;
mod wants;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Ground, IntoReason, Source, View, peekable_now};

use crate::netlayer::{Netlayer, Reach, Seed};
use crate::peer::hub::given::HandOffs;
use crate::peer::hub::judging::Judged;
use crate::peer::hub::lapsing::Lapsing;
use crate::peer::hub::listening::Listening;
use crate::peer::hub::published::Published;
use crate::peer::hub::unheard::Unheard;
use crate::peer::hub::wants::{Route, Wants};
use crate::peer::settlers::Settlers;
use crate::peer::shown::PeerLines;
use crate::peer::talk::{Roster, Standing};
use crate::peer::{Options, Peer, PeerError};
use crate::sessions::{Counts, Gifts, LineId, PeerName, Sessions};
use crate::value::{Secret, hide_swiss};
use crate::wire::{Location, SessionId, Sturdyref};

/// The state of the hub.
struct Hub {
    netlayer: Arc<dyn Netlayer>,
    options: Options,
    /// Where we are, as we say it in a hello.
    location: Location,
    listening: Listening,
    /// The listener, if there is one.
    listener: Option<Source>,
    published: Published,
    sessions: Sessions<Standing>,
    roster: Roster,
    settlers: Settlers,
    lines: HashMap<LineId, Judged>,
    /// The sessions that stand, by their names.
    named: HashMap<SessionId, LineId>,
    next_line: u64,
    wants: Wants,
    /// Connections of peers that never said hello.
    unheard: Unheard,
    gifts: Gifts<Reference, Resolver<Reference>>,
    lapsing: Lapsing,
    /// The numbers of certificates that the peer of a session has used.
    used: HashMap<LineId, Counts>,
    /// The next number for a certificate of ours.
    next_count: HashMap<LineId, u64>,
    hand_offs: HandOffs,
    /// The least private address at which a peer was seen.
    met: Reach,
}

pub(super) fn spawn<S>(netlayer: Arc<dyn Netlayer>, options: Options) -> (Spawn<S>, Far<dyn Peer>) {
    let (peer, here) = reference();
    let process = name_process(Symbol::new("captp-hub"), spawn!(boot(netlayer, options, here)));
    (process, peer)
}

const SEED: &str = "seed";

/// The peer is there when the secret is: what is sent to it waits.
fn boot(netlayer: Arc<dyn Netlayer>, options: Options, here: Here) -> Transition<Hub> {
    let source = netlayer.seed();
    transition!(
        Hub::new(netlayer, options, here),
        peekable_now::<Hub, PeerLines>(),
        at_meta_level!(name_endpoint(
            SEED,
            subscriber!(
                Ground::<Seed>(source, _),
                match_state!(hub: &mut Hub => on_message!(Ground::<Seed>(_, seed) => hub.begin(seed))),
                match_state!(hub: &Hub if !hub.published.has_begun() => match_reason!(reason: Reason =>
                on_absence!(quit().because(match reason {
                    Reason::Normal => "there are no random numbers".into_reason(),
                    why => why,
                })))),
                on_absence!(),
            ),
        )),
    )
}

/// The clauses of the peer.
fn face(here: Here) -> Action<Hub> {
    object_of!(
        here,
        match_duct!(duct => match_state!(hub: &mut Hub => on_message!(
            ("publish", object) => hub.publish(object, duct),
            ("publish_as", swiss, object) => hub.publish_as(&swiss, object, duct),
            ("retract", address) => hub.retract(&address, &duct),
            ("enliven", address) => hub.enliven(&address, duct),
            ("sessions",) => hub.show_sessions(duct),
        ))),
    )
}

impl Hub {
    fn new(netlayer: Arc<dyn Netlayer>, options: Options, here: Here) -> Self {
        let us = (netlayer.transport(), netlayer.designator());
        Self {
            location: Location::new(us.0, us.1, &[]),
            listening: Listening::No,
            listener: None,
            published: Published::new(here),
            sessions: Sessions::new(PeerName::new(us.0, us.1))
                .bounded(options.sessions, options.silent, netlayer.patience())
                .proved(netlayer.proves()),
            roster: Roster::default(),
            settlers: Settlers::default(),
            lines: HashMap::new(),
            named: HashMap::new(),
            next_line: 0,
            wants: Wants::default(),
            unheard: Unheard::default(),
            gifts: Gifts::new(options.gifts),
            lapsing: Lapsing::default(),
            used: HashMap::new(),
            next_count: HashMap::new(),
            hand_offs: HandOffs::default(),
            met: Reach::Machine,
            netlayer,
            options,
        }
    }

    /// The secret is there.
    fn begin(&mut self, Seed(secret): Seed) -> ActionTree<Self> {
        let here = self.published.begin(&secret);
        actions![at_meta_level!(delete_endpoint(SEED)), here.map(face)]
    }

    fn publish(&mut self, object: Reference, duct: Duct) -> ActionTree<Self> {
        let swiss = self.published.fresh_swiss();
        self.put(swiss, object, duct)
    }

    fn publish_as(&mut self, swiss: &Value, object: Reference, duct: Duct) -> ActionTree<Self> {
        match Secret::said(swiss) {
            Some(Secret(swiss)) => self.put(swiss, object, duct),
            None => break_off(&duct, PeerError::NoAddress),
        }
    }

    fn put(&mut self, swiss: Bytes, object: Reference, duct: Duct) -> ActionTree<Self> {
        self.published.put(&swiss, object);
        self.announce(swiss, duct)
    }

    fn retract(&mut self, address: &Value, duct: &Duct) -> ActionTree<Self> {
        match Sturdyref::from_value(address) {
            Some(address) if self.sessions.is_us(&PeerName::of(&address.location)) => {
                self.published.retract(&address.swiss);
                actions![self.listen_no_more(), give(duct, &())]
            }
            _ => break_off(duct, PeerError::NoAddress),
        }
    }

    /// Looks up an object: for whoever has the number.
    fn fetch(&self, swiss: &Value, duct: &Duct) -> ActionTree<Self> {
        match Secret::said(swiss).and_then(|Secret(swiss)| self.published.get(&swiss)) {
            Some(object) => give(duct, &object).into_action_tree(),
            None => break_off(duct, PeerError::NoObject),
        }
    }

    fn enliven(&mut self, address: &Value, duct: Duct) -> ActionTree<Self> {
        if let View::Reference(_) = address.view() {
            let promise = Promise::<Value>::from_value(address);
            return actions![promise.map(|promise| {
                when(promise, |mut hub: Self, address| {
                    let actions = match address {
                        // A peer may have settled it.
                        Ok(address) => hub.enliven_here(&address, true, duct),
                        Err(why) => break_off(&duct, why),
                    };
                    transition!(hub, actions)
                })
            })];
        }
        // A record has come in a message, from any peer there was, and so have bytes: a secret that
        // was sent to us is that. So has a text that does not show its swiss number: this very
        // message may come from a peer. Any other text is the program's own, and so is a secret.
        let is_given = match address.view() {
            View::Text(text) => text.shown() == hide_swiss(text).shown(),
            View::Record(..) | View::Bytes(_) => true,
            _ => false,
        };
        self.enliven_here(address, is_given, duct)
    }

    /// `is_given` says whether a peer may have given the address.
    fn enliven_here(&mut self, address: &Value, is_given: bool, duct: Duct) -> ActionTree<Self> {
        let Some(Sturdyref { location, swiss }) = Sturdyref::from_value(address) else {
            return break_off(&duct, PeerError::NoAddress);
        };
        let swiss = Value::from(Secret(swiss));
        if self.sessions.is_us(&PeerName::of(&location)) {
            return self.fetch(&swiss, &duct);
        }
        let reach = is_given.then_some(self.met);
        let (asked, object) = self.with_session(Route::new(&location, reach), None, move |_, standing, _| {
            ask_of(&standing.bootstrap, "fetch", (swiss,))
        });
        actions![asked, give(&duct, &object)]
    }
}

/// Answers that there is no answer, for this reason.
fn break_off(duct: &Duct, why: impl Into<Reason>) -> ActionTree<Hub> {
    let (broken, resolver) = promise::<Value>();
    actions![resolver.break_because(why), give(duct, &broken)]
}

/// Sends a message; gives the action and the promise of the answer.
fn ask_of(to: &Reference, verb: &str, arguments: impl Message) -> (ActionTree<Hub>, Promise<Value>) {
    let mut answer = None;
    let sent = tell(|cx| answer = Some(send(cx, to, verb, arguments)));
    let Some(answer) = answer else { unreachable!("the closure of `tell` is called at once") };
    (sent, answer)
}
