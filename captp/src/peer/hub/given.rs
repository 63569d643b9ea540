//! Hand-offs: gifts that were deposited here, and those that are elsewhere.

use std::collections::BTreeSet;

use bytes::Bytes;
use marketplace::Ground;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::netlayer::Reach;
use crate::peer::PeerError;
use crate::peer::hub::wants::Route;
use crate::peer::hub::{Hub, ask_of, break_off};
use crate::peer::talk::{from_opaque, opaque};
use crate::sessions::{Gifter, LineId, Refused, Taken, Way, claim};
use crate::wire::{Give, Keys, Receive, SessionId, Signed, is_name_of_gift};

/// How many routes may be avoided at a time.
const MOST_AVOIDED: usize = 1000;

const LATE: &str = "it did not answer in time";
const BUSY: &str = "too many are being dialled for hand-offs";

/// Hand-offs to us.
#[derive(Default)]
pub(super) struct HandOffs {
    /// Routes by which nobody could be reached a moment ago.
    avoided: BTreeSet<Route>,
    /// The hand-offs that wait for their object.
    waiting: BTreeSet<HandOff>,
    /// How many endpoints that wait were named.
    named: u64,
}

/// A hand-off to us.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HandOff(u64);

impl HandOff {
    /// The name of the endpoint that waits.
    fn name(self) -> Value {
        ("hand-off", self.0).into()
    }
}

impl HandOffs {
    fn number(&mut self) -> u64 {
        self.named += 1;
        self.named
    }

    /// One more waits for its object.
    fn begin(&mut self) -> HandOff {
        let hand_off = HandOff(self.number());
        self.waiting.insert(hand_off);
        hand_off
    }
}

impl Hub {
    /// Our export 0 in the session of this connection.
    pub(super) fn bootstrap_of(&self, line: LineId) -> (Reference, Action<Self>) {
        let (bootstrap, here) = reference::<()>();
        let clauses = object_of!(
            here,
            match_duct!(duct => match_state!(hub: &mut Self => on_message!(
                ("fetch", swiss) => hub.fetch(&swiss, &duct),
                ("deposit-gift", id, gift) => hub.on_deposit(line, id, gift, &duct),
                ("withdraw-gift", certificate) => hub.on_withdraw(line, &certificate, &duct),
            ))),
        );
        (bootstrap.into(), clauses)
    }

    /// Somebody may have our export 0 longer than its session.
    pub(super) fn on_deposit(
        &mut self,
        line: LineId,
        id: Bytes,
        gift: Reference,
        duct: &Duct,
    ) -> ActionTree<Self> {
        if self.sessions.standing(line).is_none() {
            return refuse(duct, &Refused::Ended);
        }
        if !is_name_of_gift(&id) {
            return refuse(duct, &Refused::Name);
        }
        match self.gifts.deposit(line, id, gift) {
            Ok(None) => actions![give(duct, &()), self.mind_gifts(line)],
            Ok(Some((wants, gift))) => actions![wants.fulfill(gift), give(duct, &())],
            Err(why) => break_off(duct, PeerError::Refused(why.to_string().into())),
        }
    }

    fn on_withdraw(&mut self, line: LineId, certificate: &Value, duct: &Duct) -> ActionTree<Self> {
        let claimed = match signed(certificate) {
            Some(certificate) => self.claimed(line, &certificate),
            None => Err(Refused::NoCertificate),
        };
        match claimed {
            Ok((gifter, gift)) => match self.withdraw(gifter, gift, Some(line)) {
                Ok(object) => actions![give(duct, &object), self.mind_gifts(gifter)],
                Err(why) => refuse(duct, &why),
            },
            Err(why) => refuse(duct, &why),
        }
    }

    /// Checks a certificate that came on this connection, and uses its count.
    fn claimed(&mut self, line: LineId, certificate: &Signed) -> Result<(LineId, Bytes), Refused> {
        let session = self.sessions.standing(line).ok_or(Refused::Ended)?;
        let claim = claim(certificate, session.id, session.peer_id, |id| self.gifter(id))?;
        let used = self.used.entry(line).or_default();
        if !used.is_new(claim.count, self.options.used_counts) {
            return Err(Refused::Used);
        }
        Ok((claim.gifter, claim.gift))
    }

    /// The peer of a session that stands.
    fn gifter(&self, session: SessionId) -> Option<Gifter<LineId>> {
        let line = *self.named.get(&session)?;
        let standing = self.sessions.standing(line)?;
        Some(Gifter { line, key: standing.peer_key, side: standing.peer_id })
    }

    /// The object that was deposited, or a promise of one that will be.
    pub(super) fn withdraw(
        &mut self,
        gifter: LineId,
        gift: Bytes,
        receiver: Option<LineId>,
    ) -> Result<Value, Refused> {
        let (later, resolver) = promise::<Reference>();
        match self.gifts.withdraw(gifter, gift, receiver, resolver) {
            Taken::Gift(gift) => Ok(gift.into()),
            Taken::Later => Ok(later.into()),
            Taken::Wanted => Err(Refused::Wanted),
            Taken::TooMany => Err(Refused::TooMany),
        }
    }

    /// We are given something that is elsewhere, or here.
    pub(super) fn on_given(
        &mut self,
        line: LineId,
        give: &Bytes,
        keys: &Value,
        duct: Duct,
    ) -> ActionTree<Self> {
        let signed = Signed(give.clone());
        let (Some(keys), Ok(give)) = (from_opaque::<Keys>(keys), Give::read(&signed)) else {
            return refuse(&duct, &Refused::NoCertificate);
        };
        if give.receiver_key != keys.public() {
            return refuse(&duct, &Refused::Receiver);
        }
        let reach = self.sessions.standing(line).map_or(Reach::Public, |giver| giver.reach);
        let route = Route::new(&give.exporter, Some(reach));
        if self.sessions.is_us(route.peer()) {
            let gifter = self.own(&signed, &give);
            let given = gifter.and_then(|gifter| Ok((gifter, self.withdraw(gifter, give.gift, None)?)));
            return match given {
                Ok((gifter, object)) => {
                    let (object, hand_off) = (Promise::from_value(&object), self.hand_offs.begin());
                    let given = object.map(|object| self.in_time(hand_off, route, object, &duct));
                    actions![given, self.mind_gifts(gifter)]
                }
                Err(why) => refuse(&duct, &why),
            };
        }
        if let Err(why) = self.may_lead(&route) {
            return break_off(&duct, why);
        }
        let hand_off = self.hand_offs.begin();
        let (asked, answer) = self.with_session(route.clone(), Some(hand_off), move |hub, standing, line| {
            let next = hub.next_count.entry(line).or_default();
            let count = *next;
            *next += 1;
            let receive = Receive { session: standing.id, side: standing.our_id, count, give: signed };
            ask_of(&standing.bootstrap, "withdraw-gift", (opaque(receive.sign(&keys)),))
        });
        actions![asked, self.in_time(hand_off, route, answer, &duct)]
    }

    /// Whether a hand-off may lead us by this route, which has to be asked before each time.
    fn may_lead(&self, route: &Route) -> Result<(), PeerError> {
        if self.sessions.way(&route.to) == Way::Stands {
            return Ok(());
        }
        if self.hand_offs.avoided.contains(route) {
            return Err(PeerError::unreachable(route.peer(), "it could not be reached a moment ago"));
        }
        if self.wants.by(route).is_none() && self.wants.of_hand_offs() >= self.options.dials {
            return Err(PeerError::unreachable(route.peer(), BUSY));
        }
        Ok(())
    }

    /// Whether a hand-off may lead us by this route once more: if its object is still waited for.
    pub(super) fn may_lead_again(&self, hand_off: HandOff, route: &Route) -> Result<(), PeerError> {
        match self.hand_offs.waiting.contains(&hand_off) {
            true => self.may_lead(route),
            false => Err(PeerError::unreachable(route.peer(), LATE)),
        }
    }

    /// Gives on what a third machine answers, unless it takes too long.
    fn in_time(
        &mut self,
        hand_off: HandOff,
        route: Route,
        answer: Promise<Value>,
        duct: &Duct,
    ) -> ActionTree<Self> {
        let (object, resolver) = promise::<Value>();
        let source = self.netlayer.after(self.options.hand_off_within);
        let late_resolver = resolver.clone();
        let timer = at_meta_level!(name_endpoint(
            hand_off.name(),
            once(subscriber!(
                Ground::<Value>(source, _),
                match_state!(hub: &mut Self => on_message!(_ => {
                    let why = PeerError::unreachable(route.peer(), LATE);
                    hub.hand_offs.waiting.remove(&hand_off);
                    let silent = hub.sessions.line_of(route.peer()).is_none();
                    let avoid = silent.then(|| hub.avoid(&route));
                    actions![avoid, late_resolver.break_because(why)]
                })),
            )),
        ));
        let answers = when(answer, move |mut hub: Self, answer: Result<Value, Reason>| {
            hub.hand_offs.waiting.remove(&hand_off);
            let settled = match answer {
                Ok(object) => resolver.fulfill(object),
                Err(why) => resolver.break_because(why),
            };
            transition!(hub, settled, at_meta_level!(delete_endpoint(hand_off.name())))
        });
        actions![timer, answers, give(duct, &object)]
    }

    /// Nobody is dialled by this route for hand-offs for a while.
    pub(super) fn avoid(&mut self, route: &Route) -> ActionTree<Self> {
        if self.sessions.is_us(route.peer())
            || self.hand_offs.avoided.len() >= MOST_AVOIDED
            || !self.hand_offs.avoided.insert(route.clone())
        {
            return actions![];
        }
        let (name, route) = (("avoided", self.hand_offs.number()), route.clone());
        let source = self.netlayer.after(self.options.avoid_for);
        at_meta_level!(name_endpoint(
            name,
            once(subscriber!(
                Ground::<Value>(source, _),
                match_state!(hub: &mut Self => on_message!(_ => {
                    hub.hand_offs.avoided.remove(&route);
                    actions![]
                })),
            )),
        ))
    }

    /// The gifter of something that is ours.
    pub(super) fn own(&self, signed: &Signed, give: &Give) -> Result<LineId, Refused> {
        let gifter = self.gifter(give.session).ok_or(Refused::NoGifter)?;
        if gifter.side != give.gifter_side {
            return Err(Refused::Gifter);
        }
        if signed.is_signed_by(&gifter.key)? { Ok(gifter.line) } else { Err(Refused::UnsignedGive) }
    }
}

/// The certificate that an argument is.
fn signed(value: &Value) -> Option<Signed> {
    from_opaque::<Signed>(value).or_else(|| Bytes::from_value(value).map(Signed))
}

fn refuse(duct: &Duct, why: &Refused) -> ActionTree<Hub> {
    break_off(duct, PeerError::Refused(why.to_string().into()))
}
