//! The actors: one plays a ball back, one adds up what it hears, one ends when it is told to.

use std::convert::Infallible;
use std::sync::Arc;

use harness::Latch;
use kameo::error::ActorStopReason;
use kameo::prelude::*;

/// Plays a ball back.
#[derive(Actor)]
pub(crate) struct Player {
    partner: Option<ActorRef<Self>>,
    latch: Arc<Latch>,
}

pub(crate) struct Partner(pub(crate) ActorRef<Player>);

pub(crate) struct Ball(pub(crate) u64);

impl Player {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { partner: None, latch: latch.clone() }
    }
}

impl Message<Partner> for Player {
    type Reply = ();

    async fn handle(&mut self, Partner(partner): Partner, _: &mut Context<Self, ()>) {
        self.partner = Some(partner);
    }
}

impl Message<Ball> for Player {
    type Reply = ();

    async fn handle(&mut self, Ball(left): Ball, _: &mut Context<Self, ()>) {
        match (left, &self.partner) {
            (1.., Some(partner)) => drop(partner.tell(Ball(left - 1)).await),
            _ => self.latch.hit(),
        }
    }
}

/// Adds up what it hears.
#[derive(Actor)]
pub(crate) struct Listener {
    sum: u64,
    latch: Arc<Latch>,
}

#[derive(Clone)]
pub(crate) struct Says {
    #[expect(dead_code, reason = "it is sent, and told by the reference")]
    pub(crate) topic: u64,
    pub(crate) payload: u64,
}

impl Listener {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { sum: 0, latch: latch.clone() }
    }
}

impl Message<Says> for Listener {
    type Reply = ();

    async fn handle(&mut self, says: Says, _: &mut Context<Self, ()>) {
        self.sum = self.sum.wrapping_add(says.payload);
        self.latch.hit();
    }
}

/// Ends when it is told to.
pub(crate) struct Guest(pub(crate) Arc<Latch>);

pub(crate) struct Leave;

impl Actor for Guest {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(guest: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(guest)
    }

    async fn on_stop(&mut self, _: WeakActorRef<Self>, _: ActorStopReason) -> Result<(), Infallible> {
        self.0.hit();
        Ok(())
    }
}

impl Message<Leave> for Guest {
    type Reply = ();

    async fn handle(&mut self, _: Leave, context: &mut Context<Self, ()>) {
        context.stop();
    }
}
