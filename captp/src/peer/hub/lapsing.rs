//! Gifts that nobody withdraws, and those that never come (K18).

use std::collections::BTreeSet;

use marketplace::prelude::*;
use marketplace::{Ground, one_line};

use crate::peer::PeerError;
use crate::peer::hub::Hub;
use crate::sessions::{Lapsed, LineId, Refused};

/// The sessions for whose gifts a time runs. Gifts that were here when it began lapse when it is
/// over, and those that were waited for are waited for no longer: so each waits for one time at
/// least, and for less than two.
pub(super) type Lapsing = BTreeSet<LineId>;

impl Hub {
    /// Lets a time begin for the gifts of this gifter, if there are any, here or waited for, and
    /// none runs.
    pub(super) fn mind_gifts(&mut self, gifter: LineId) -> ActionTree<Self> {
        if self.lapsing.contains(&gifter) || !self.gifts.mark(gifter) {
            return actions![];
        }
        self.lapsing.insert(gifter);
        let source = self.netlayer.after(self.options.gift_for);
        at_meta_level!(name_endpoint(
            name(gifter),
            once(subscriber!(
                Ground::<Value>(source, _),
                match_state!(hub: &mut Self => on_message!(_ => {
                    hub.lapsing.remove(&gifter);
                    let Lapsed { gifts, waits } = hub.gifts.lapse(gifter);
                    hub.tell_lapsed(gifter, gifts);
                    let why = PeerError::Refused(Refused::Late.to_string().into());
                    let late: Vec<_> = waits.into_iter().map(|wants| wants.break_because(why.clone())).collect();
                    actions![late, hub.mind_gifts(gifter)]
                })),
            )),
        ))
    }

    fn tell_lapsed(&self, gifter: LineId, gifts: usize) {
        if gifts == 0 {
            return;
        }
        let peer = self.sessions.standing(gifter).map(|standing| standing.location.to_uri());
        let peer = peer.unwrap_or_default();
        tracing::warn!(gifts, peer = %one_line(&peer), "gifts of a peer were not withdrawn, and are gone");
    }

    /// The session of this gifter has ended, and its gifts are gone.
    pub(super) fn mind_no_gifts(&mut self, gifter: LineId) -> ActionTree<Self> {
        let ran = self.lapsing.remove(&gifter);
        actions![ran.then(|| at_meta_level!(delete_endpoint(name(gifter))))]
    }
}

/// The name of the endpoint that waits.
fn name(gifter: LineId) -> Value {
    ("gifts", gifter.0).into()
}
