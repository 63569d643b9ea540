//! The actors: one plays a ball back, one hears what is said and who is there, one ends.

use std::collections::HashSet;
use std::sync::Arc;

use harness::Latch;
use ractor::pg::GroupChangeMessage;
use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};

type Started<S> = Result<S, ActorProcessingErr>;

/// Plays a ball back.
pub(crate) struct Player;

pub(crate) enum Play {
    With(ActorRef<Self>),
    Ball(u64),
}

pub(crate) struct Playing {
    partner: Option<ActorRef<Play>>,
    latch: Arc<Latch>,
}

impl Actor for Player {
    type Msg = Play;
    type State = Playing;
    type Arguments = Arc<Latch>;

    async fn pre_start(&self, _: ActorRef<Play>, latch: Arc<Latch>) -> Started<Playing> {
        Ok(Playing { partner: None, latch })
    }

    async fn handle(&self, _: ActorRef<Play>, play: Play, state: &mut Playing) -> Started<()> {
        match (play, &state.partner) {
            (Play::With(partner), _) => state.partner = Some(partner),
            (Play::Ball(left @ 1..), Some(partner)) => partner.cast(Play::Ball(left - 1))?,
            (Play::Ball(_), _) => state.latch.hit(),
        }
        Ok(())
    }
}

/// Adds up what it hears, and keeps a set of who is there.
pub(crate) struct Listener;

#[derive(Clone, Copy)]
pub(crate) struct Says {
    #[expect(dead_code, reason = "it is sent, and told by the group")]
    pub(crate) topic: u64,
    pub(crate) payload: u64,
}

pub(crate) struct Listening {
    sum: u64,
    here: HashSet<ActorId>,
    latch: Arc<Latch>,
}

impl Actor for Listener {
    type Msg = Says;
    type State = Listening;
    type Arguments = Arc<Latch>;

    async fn pre_start(&self, _: ActorRef<Says>, latch: Arc<Latch>) -> Started<Listening> {
        Ok(Listening { sum: 0, here: HashSet::new(), latch })
    }

    async fn handle(&self, _: ActorRef<Says>, says: Says, state: &mut Listening) -> Started<()> {
        state.sum = state.sum.wrapping_add(says.payload);
        state.latch.hit();
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Says>,
        event: SupervisionEvent,
        state: &mut Listening,
    ) -> Started<()> {
        if let SupervisionEvent::ProcessGroupChanged(change) = event {
            match change {
                GroupChangeMessage::Join(_, _, who) => state.here.extend(who.iter().map(|who| who.get_id())),
                GroupChangeMessage::Leave(_, _, who) => {
                    for who in who {
                        state.here.remove(&who.get_id());
                    }
                }
            }
            state.latch.hit();
        }
        Ok(())
    }
}

/// Ends when it hears anything.
pub(crate) struct Guest;

impl Actor for Guest {
    type Msg = u64;
    type State = Arc<Latch>;
    type Arguments = Arc<Latch>;

    async fn pre_start(&self, _: ActorRef<u64>, latch: Arc<Latch>) -> Started<Arc<Latch>> {
        Ok(latch)
    }

    async fn handle(&self, me: ActorRef<u64>, _: u64, _: &mut Arc<Latch>) -> Started<()> {
        me.stop(None);
        Ok(())
    }

    async fn post_stop(&self, _: ActorRef<u64>, latch: &mut Arc<Latch>) -> Started<()> {
        latch.hit();
        Ok(())
    }
}
