//! The actors: one plays a ball back, one adds up what it hears, one ends when it is told to.

use std::sync::Arc;

use actix::prelude::*;
use harness::Latch;

/// Plays a ball back.
pub(crate) struct Player {
    partner: Option<Recipient<Ball>>,
    latch: Arc<Latch>,
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Partner(pub(crate) Recipient<Ball>);

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Ball(pub(crate) u64);

impl Player {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { partner: None, latch: latch.clone() }
    }
}

impl Actor for Player {
    type Context = Context<Self>;
}

impl Handler<Partner> for Player {
    type Result = ();

    fn handle(&mut self, Partner(partner): Partner, _: &mut Context<Self>) {
        self.partner = Some(partner);
    }
}

impl Handler<Ball> for Player {
    type Result = ();

    fn handle(&mut self, Ball(left): Ball, _: &mut Context<Self>) {
        match (left, &self.partner) {
            (1.., Some(partner)) => partner.do_send(Ball(left - 1)),
            _ => self.latch.hit(),
        }
    }
}

/// Adds up what it hears.
pub(crate) struct Listener {
    sum: u64,
    latch: Arc<Latch>,
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Says {
    #[expect(dead_code, reason = "it is sent, and told by the recipient")]
    pub(crate) topic: u64,
    pub(crate) payload: u64,
}

impl Listener {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { sum: 0, latch: latch.clone() }
    }
}

impl Actor for Listener {
    type Context = Context<Self>;
}

impl Handler<Says> for Listener {
    type Result = ();

    fn handle(&mut self, says: Says, _: &mut Context<Self>) {
        self.sum = self.sum.wrapping_add(says.payload);
        self.latch.hit();
    }
}

/// Ends when it is told to.
pub(crate) struct Guest(pub(crate) Arc<Latch>);

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Leave;

impl Actor for Guest {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Self::Context) {
        self.0.hit();
    }
}

impl Handler<Leave> for Guest {
    type Result = ();

    fn handle(&mut self, _: Leave, context: &mut Context<Self>) {
        context.stop();
    }
}
