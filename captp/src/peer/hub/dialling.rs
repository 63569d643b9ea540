//! Sessions that somebody wants.

use std::sync::Arc;

use marketplace::Source;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::PeerError;
use crate::peer::hub::Hub;
use crate::peer::hub::given::HandOff;
use crate::peer::hub::listening::Listening;
use crate::peer::hub::wants::Route;
use crate::peer::line::{After, IDLE, SessionEnded, Start, line};
use crate::peer::talk::Standing;
use crate::sessions::{Address, FULL, LineId, PeerName, Sessions, Way};

/// Asks the peer of a session for something: gives what is to be done, and the promise of the
/// answer.
pub(super) trait Ask:
    FnOnce(&mut Hub, Standing, LineId) -> (ActionTree<Hub>, Promise<Value>) + Clone + Send + 'static
{
}

impl<F> Ask for F where
    F: FnOnce(&mut Hub, Standing, LineId) -> (ActionTree<Hub>, Promise<Value>) + Clone + Send + 'static
{
}

impl Hub {
    /// Asks a peer for something when a session with it stands, which may be now. Gives the promise
    /// of the answer. If the session has ended before it was asked, or ends then because nobody has
    /// used it (K18), a new one is asked.
    pub(super) fn with_session(
        &mut self,
        route: Route,
        hand_off: Option<HandOff>,
        ask: impl Ask,
    ) -> (ActionTree<Self>, Promise<Value>) {
        let (answer, resolver) = promise::<Value>();
        (self.ask_by(route, hand_off, ask, resolver, true), answer)
    }

    fn ask_by(
        &mut self,
        route: Route,
        hand_off: Option<HandOff>,
        ask: impl Ask,
        resolver: Resolver<Value>,
        is_first: bool,
    ) -> ActionTree<Self> {
        let (stands, dials) = self.want(&route, hand_off.is_some());
        let asks = when(stands, move |mut hub: Self, stands: Result<(), Reason>| {
            let line = hub.sessions.line_of(route.peer());
            let session = line.and_then(|line| Some((line, hub.sessions.standing(line)?.clone())));
            let actions = match (stands, session) {
                (Err(why), _) => {
                    let avoid = hand_off.map(|_| hub.avoid(&route));
                    actions![avoid, resolver.break_because(why)]
                }
                (Ok(()), None) if is_first => hub.ask_again(route, hand_off, ask, resolver),
                (Ok(()), None) => {
                    let ended = PeerError::unreachable(route.peer(), "the session has just ended");
                    let avoid = hand_off.map(|_| hub.avoid(&route));
                    actions![avoid, resolver.break_because(ended)]
                }
                (Ok(()), Some((line, standing))) if is_first && standing.ending.may_be() => {
                    let (sent, answer) = ask.clone()(&mut hub, standing.clone(), line);
                    let again = move |hub: &mut Self, resolver| hub.ask_again(route, hand_off, ask, resolver);
                    actions![sent, unless_idle(answer, &standing, resolver, again)]
                }
                (Ok(()), Some((line, standing))) => {
                    let (sent, answer) = ask(&mut hub, standing, line);
                    actions![sent, resolver.follow(answer)]
                }
            };
            transition!(hub, actions)
        });
        actions![dials, asks]
    }

    /// The second ask. Others may have asked by many routes, while a session stood: none of them
    /// was counted then.
    fn ask_again(
        &mut self,
        route: Route,
        hand_off: Option<HandOff>,
        ask: impl Ask,
        resolver: Resolver<Value>,
    ) -> ActionTree<Self> {
        match hand_off.map_or(Ok(()), |hand_off| self.may_lead_again(hand_off, &route)) {
            Ok(()) => self.ask_by(route, hand_off, ask, resolver, false),
            Err(why) => resolver.break_because(why).into_action_tree(),
        }
    }

    /// A promise that is fulfilled when a session with a peer stands.
    fn want(&mut self, route: &Route, is_handed_off: bool) -> (Promise<()>, ActionTree<Self>) {
        if self.sessions.way(&route.to) == Way::Stands {
            return (Promise::from(()), actions![]);
        }
        if let Some(stands) = self.wants.by(route) {
            return (stands, actions![]);
        }
        let stands = self.wants.add(route.clone(), is_handed_off);
        (stands, self.pursue(route.peer()))
    }

    /// Dials a peer at the addresses that were not tried, beside each other. One that is being
    /// dialled already is not, and none is if the peer has connected.
    fn pursue(&mut self, peer: &PeerName) -> ActionTree<Self> {
        // A hello says how to reach us.
        if let Listening::Starts { .. } = self.listening {
            return actions![];
        }
        let mut dials = Vec::new();
        let is_way = |sessions: &Sessions<_>, to: &Address| sessions.way(to) != Way::Nothing;
        while let Some((route, is_handed_off)) = self.wants.next(peer, |to| is_way(&self.sessions, to)) {
            let dialled = match self.sessions.is_full() {
                true => Err(FULL.to_string()),
                false => self.netlayer.dial(&route.to.location(), route.reach),
            };
            dials.push(match dialled {
                Err(why) => self.tell_lost(peer, &why),
                Ok(source) => {
                    let line = self.new_line();
                    match is_handed_off {
                        true => self.sessions.dials_for_hand_offs(line, route.to),
                        false => self.sessions.dials(line, route.to),
                    }
                    self.start(line, source, true)
                }
            });
        }
        dials.into_action_tree()
    }

    /// Our location is known, or will not be.
    pub(super) fn pursue_all(&mut self) -> ActionTree<Self> {
        let dials: Vec<_> = self.wants.peers().iter().map(|peer| self.pursue(peer)).collect();
        dials.into_action_tree()
    }

    /// A way to this peer has come to nothing.
    pub(super) fn lose(&mut self, peer: &PeerName, why: &str) -> ActionTree<Self> {
        actions![self.tell_lost(peer, why), self.pursue(peer)]
    }

    fn tell_lost(&mut self, peer: &PeerName, why: &str) -> ActionTree<Self> {
        let lost = self.wants.take_lost(peer, |to| self.sessions.way(to) != Way::Nothing);
        let told = lost.into_iter().map(|lost| lost.break_because(PeerError::unreachable(peer, why)));
        told.collect::<Vec<_>>().into_action_tree()
    }

    /// The asks that wait for this peer have it.
    pub(super) fn win(&mut self, peer: &PeerName) -> ActionTree<Self> {
        let told = self.wants.take(peer).into_iter().map(|want| want.fulfill(()));
        told.collect::<Vec<_>>().into_action_tree()
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
        let (judge, clauses) = self.judge_of(id, dialled);
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
            gift_for: self.options.gift_for,
            held: self.options.held,
            unheard: self.options.unheard,
        };
        actions![clauses, line::<Self>(start)]
    }
}

/// Settles a promise with an answer, or asks again when the session that was asked has ended
/// because nobody used it: its peer has not heard the question then. Messages to the promise wait
/// until the answer is there, for they would be lost with the question. An answer that broke with
/// the end of another session is an answer.
fn unless_idle(
    answer: Promise<Value>,
    standing: &Standing,
    resolver: Resolver<Value>,
    again: impl FnOnce(&mut Hub, Resolver<Value>) -> ActionTree<Hub> + Send + 'static,
) -> Action<Hub> {
    let (bootstrap, ending): (Far<()>, _) = (cast(&standing.bootstrap), standing.ending.clone());
    when(answer, move |hub: Hub, answer: Result<Value, Reason>| {
        let actions = match answer {
            Ok(answer) => resolver.fulfill(answer).into_action_tree(),
            Err(why) if ending.is_there() && has_ended_idle(&why) => {
                let asks = when_broken(&bootstrap, move |mut hub: Hub, _| {
                    let asked = again(&mut hub, resolver);
                    transition!(hub, asked)
                });
                asks.into_action_tree()
            }
            Err(why) => resolver.break_because(why).into_action_tree(),
        };
        transition!(hub, actions)
    })
}

fn has_ended_idle(why: &Reason) -> bool {
    let Some(Broken::Gone(why)) = Broken::of(why) else { return false };
    why.decode().is_some_and(|SessionEnded { why }| &*why == IDLE)
}
