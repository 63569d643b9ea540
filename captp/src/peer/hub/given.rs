//! Hand-offs: gifts that were deposited here, and those that are elsewhere.

use bytes::Bytes;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::PeerError;
use crate::peer::hub::{Hub, ask_of, break_off};
use crate::peer::talk::{from_opaque, opaque};
use crate::sessions::{Gifter, LineId, PeerName, Refused, Taken, claim};
use crate::wire::{Give, Keys, Receive, SessionId, Signed};

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

    fn on_deposit(&mut self, line: LineId, id: Bytes, gift: Reference, duct: &Duct) -> ActionTree<Self> {
        match self.gifts.deposit(line, id, gift) {
            Ok(None) => give(duct, &()).into_action_tree(),
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
            Ok((gifter, gift)) => self.withdraw(gifter, gift, Some(line), duct),
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
        let (line, standing) = self.sessions.all().find(|(_, standing)| standing.id == session)?;
        Some(Gifter { line, key: standing.peer_key, side: standing.peer_id })
    }

    /// Gives what was deposited, or will be.
    fn withdraw(
        &mut self,
        gifter: LineId,
        gift: Bytes,
        receiver: Option<LineId>,
        duct: &Duct,
    ) -> ActionTree<Self> {
        let (later, resolver) = promise::<Reference>();
        match self.gifts.withdraw(gifter, gift, receiver, resolver) {
            Taken::Gift(gift) => give(duct, &gift).into_action_tree(),
            Taken::Later => give(duct, &later).into_action_tree(),
            Taken::Wanted => refuse(duct, &Refused::Wanted),
            Taken::TooMany => refuse(duct, &Refused::TooMany),
        }
    }

    /// We are given something that is elsewhere, or here.
    pub(super) fn on_given(&mut self, give: &Bytes, keys: &Value, duct: Duct) -> ActionTree<Self> {
        let signed = Signed(give.clone());
        let (Some(keys), Ok(give)) = (from_opaque::<Keys>(keys), Give::read(&signed)) else {
            return refuse(&duct, &Refused::NoCertificate);
        };
        if give.receiver_key != keys.public() {
            return refuse(&duct, &Refused::Receiver);
        }
        if self.sessions.is_us(&PeerName::of(&give.exporter)) {
            return match self.own(&signed, &give) {
                Ok(gifter) => self.withdraw(gifter, give.gift, None, &duct),
                Err(why) => refuse(&duct, &why),
            };
        }
        self.with_session(&give.exporter, duct, move |hub, standing, line| {
            let next = hub.next_count.entry(line).or_default();
            let count = *next;
            *next += 1;
            let receive = Receive { session: standing.id, side: standing.our_id, count, give: signed };
            ask_of(&standing.bootstrap, "withdraw-gift", (opaque(receive.sign(&keys)),))
        })
    }

    /// The gifter of something that is ours.
    fn own(&self, signed: &Signed, give: &Give) -> Result<LineId, Refused> {
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
