//! The entities: they play a ball back, add up what they hear, see who is there, or end.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use harness::Latch;
use syndicate::actor::{Activation, ActorResult, AnyValue, Cap, Entity, ExitStatus, Handle, Ref};

use crate::data;

/// An order of the host to an actor.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Leave,
    End,
}

/// Plays a ball back, through the dataspace.
pub(crate) struct Player {
    pub(crate) dataspace: Arc<Cap>,
    pub(crate) other: u64,
    pub(crate) latch: Arc<Latch>,
}

impl Entity<AnyValue> for Player {
    fn message(&mut self, turn: &mut Activation, ball: AnyValue) -> ActorResult {
        match data::number(&ball) {
            0 => self.latch.hit(),
            left => self.dataspace.message(turn, &(), &data::says(self.other, left - 1)),
        }
        Ok(())
    }
}

/// Plays a ball back to one that it knows.
pub(crate) struct PlayerByReference {
    pub(crate) other: Arc<OnceLock<Arc<Ref<u64>>>>,
    pub(crate) latch: Arc<Latch>,
}

impl Entity<u64> for PlayerByReference {
    fn message(&mut self, turn: &mut Activation, left: u64) -> ActorResult {
        match (left, self.other.get()) {
            (1.., Some(other)) => turn.message(other, left - 1),
            _ => self.latch.hit(),
        }
        Ok(())
    }
}

/// Adds up what it hears.
pub(crate) struct Listener {
    sum: u64,
    latch: Arc<Latch>,
}

impl Listener {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { sum: 0, latch: latch.clone() }
    }
}

impl Entity<AnyValue> for Listener {
    fn message(&mut self, _: &mut Activation, said: AnyValue) -> ActorResult {
        self.sum = self.sum.wrapping_add(data::number(&said));
        self.latch.hit();
        Ok(())
    }
}

/// Keeps who is there.
pub(crate) struct Member {
    here: HashMap<Handle, u64>,
    latch: Arc<Latch>,
}

impl Member {
    pub(crate) fn new(latch: &Arc<Latch>) -> Self {
        Self { here: HashMap::new(), latch: latch.clone() }
    }
}

impl Entity<AnyValue> for Member {
    fn assert(&mut self, _: &mut Activation, who: AnyValue, handle: Handle) -> ActorResult {
        self.here.insert(handle, data::number(&who));
        self.latch.hit();
        Ok(())
    }

    fn retract(&mut self, _: &mut Activation, handle: Handle) -> ActorResult {
        self.here.remove(&handle);
        self.latch.hit();
        Ok(())
    }
}

/// Takes a member's presence back.
pub(crate) struct Leaver {
    pub(crate) presence: Option<Handle>,
}

impl Entity<Order> for Leaver {
    fn message(&mut self, turn: &mut Activation, order: Order) -> ActorResult {
        match order {
            Order::Leave => self.presence.take().into_iter().for_each(|presence| turn.retract(presence)),
            Order::End => turn.stop(),
        }
        Ok(())
    }
}

/// Ends its actor.
pub(crate) struct Ender;

impl Entity<Order> for Ender {
    fn message(&mut self, turn: &mut Activation, _: Order) -> ActorResult {
        turn.stop();
        Ok(())
    }
}

/// Ends when it is told to.
pub(crate) struct Guest(pub(crate) Arc<Latch>);

impl Entity<Order> for Guest {
    fn message(&mut self, turn: &mut Activation, _: Order) -> ActorResult {
        turn.stop_root();
        Ok(())
    }

    fn exit_hook(&mut self, _: &mut Activation, _: &Arc<ExitStatus>) {
        self.0.hit();
    }
}
