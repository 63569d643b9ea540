//! The actors: one plays a ball back, one adds up what it hears, one ends when it is told to.

use std::sync::Arc;

use harness::Latch;
use xtra::prelude::*;

/// Plays a ball back.
pub(crate) struct Player {
    partner: Option<Address<Self>>,
    latch: Arc<Latch>,
}

pub(crate) struct Partner(pub(crate) Address<Player>);

pub(crate) struct Ball(pub(crate) u64);

impl Player {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { partner: None, latch: latch.clone() }
    }
}

impl Actor for Player {
    type Stop = ();

    async fn stopped(self) {}
}

impl Handler<Partner> for Player {
    type Return = ();

    async fn handle(&mut self, Partner(partner): Partner, _: &mut Context<Self>) {
        self.partner = Some(partner);
    }
}

impl Handler<Ball> for Player {
    type Return = ();

    async fn handle(&mut self, Ball(left): Ball, _: &mut Context<Self>) {
        match (left, &self.partner) {
            (1.., Some(partner)) => drop(partner.send(Ball(left - 1)).detach().await),
            _ => self.latch.hit(),
        }
    }
}

/// Adds up what it hears.
pub(crate) struct Listener {
    sum: u64,
    latch: Arc<Latch>,
}

#[derive(Clone)]
pub(crate) struct Says {
    #[expect(dead_code, reason = "it is sent, and told by the address")]
    pub(crate) topic: u64,
    pub(crate) payload: u64,
}

impl Listener {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { sum: 0, latch: latch.clone() }
    }
}

impl Actor for Listener {
    type Stop = ();

    async fn stopped(self) {}
}

impl Handler<Says> for Listener {
    type Return = ();

    async fn handle(&mut self, says: Says, _: &mut Context<Self>) {
        self.sum = self.sum.wrapping_add(says.payload);
        self.latch.hit();
    }
}

/// Ends when it is told to.
pub(crate) struct Guest(pub(crate) Arc<Latch>);

pub(crate) struct Leave;

impl Actor for Guest {
    type Stop = ();

    async fn stopped(self) {
        self.0.hit();
    }
}

impl Handler<Leave> for Guest {
    type Return = ();

    async fn handle(&mut self, _: Leave, context: &mut Context<Self>) {
        context.stop_self();
    }
}
