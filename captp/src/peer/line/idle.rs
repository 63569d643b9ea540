//! The end of a session that nobody uses, by whoever dialled it (K18).

use marketplace::Ground;
use marketplace::prelude::*;

use crate::peer::line::running::Running;
use crate::peer::line::{Farewell, Line, Stage};
use crate::session::Sizes;

/// The reason of a session that ends because nobody uses it.
pub(in crate::peer) const IDLE: &str = "idle";

/// The name of the endpoint that waits.
const WAITS: &str = "idle";

/// The name of the endpoint that waits while gifts count as use.
const GIFTS_WAIT: &str = "gifts";

impl Running {
    /// Whether neither side has anything of the other, and nothing is under way.
    fn is_idle(&self) -> bool {
        self.session.sizes() == Sizes::default()
            && self.around.waiting.is_empty()
            && self.around.listeners == 0
            && self.has_said_all()
    }
}

impl Line {
    /// A gift that was deposited in this session, by either side, counts as use for a time, for it
    /// is gone when the session ends. (The side that has deposited it does not hear whether it was
    /// withdrawn.) Gifts that come meanwhile count for one time more.
    pub(super) fn mind_gifts(&mut self) -> ActionTree<Self> {
        let Stage::Running(running) = &mut self.stage else { return ActionTree::new() };
        if !self.start.dialled || self.gifts_wait || !std::mem::take(&mut running.around.gave) {
            return ActionTree::new();
        }
        self.gifts_wait = true;
        let source = (self.start.after)(self.start.gift_for);
        at_meta_level!(name_endpoint(
            GIFTS_WAIT,
            once(subscriber!(
                Ground::<Value>(source, _),
                match_state!(line: &mut Self => on_message!(_ => {
                    line.gifts_wait = false;
                    line.asked()
                })),
            )),
        ))
    }

    /// Begins to wait when the session is idle, and stops when it is not. Any operation
    /// meanwhile lets the wait begin anew.
    pub(super) fn mind_idleness(&mut self) -> ActionTree<Self> {
        let (None, Stage::Running(running)) = (&self.over, &self.stage) else { return ActionTree::new() };
        let traffic = running.is_idle().then(|| running.traffic());
        if !self.start.dialled {
            // The peer may have waited for long enough, unless the session has just begun.
            running.ending.set(traffic.is_some_and(|traffic| traffic > 0));
            return ActionTree::new();
        }
        let traffic = traffic.filter(|_| !self.gifts_wait);
        if self.idle_since == traffic {
            return ActionTree::new();
        }
        let stops = self.idle_since.is_some().then(|| at_meta_level!(delete_endpoint(WAITS)));
        self.idle_since = traffic;
        let waits = traffic.map(|_| {
            let source = (self.start.after)(self.start.idle_for);
            at_meta_level!(name_endpoint(
                WAITS,
                once(subscriber!(
                    Ground::<Value>(source, _),
                    match_state!(line: &mut Self => on_message!(_ => line.end_if_idle())),
                )),
            ))
        });
        actions![stops, waits]
    }

    /// It was idle for long enough. A message may have been sent to the peer before it is known
    /// that the session may be ending: after a yield, that has been heard.
    fn end_if_idle(&self) -> ActionTree<Self> {
        let Stage::Running(running) = &self.stage else { return ActionTree::new() };
        running.ending.set(true);
        let since = self.idle_since;
        yield_now!(|mut line: Self| {
            let ended = match &line.stage {
                Stage::Running(running) if line.over.is_none() && line.idle_since != since => {
                    running.ending.set(false);
                    ActionTree::new()
                }
                _ => line.end(IDLE, Farewell::Abort),
            };
            transition!(line, ended)
        })
        .into_action_tree()
    }
}
