//! A source that is on in a sim.

use std::any::Any;
use std::collections::VecDeque;
use std::time::Duration;

use crate::data::door;
use crate::data::reason::Reason;
use crate::data::value::Value;
use crate::host::sim::stand_in::StandIn;

/// The script of a source: items, each at its time after the source was turned on.
pub(super) struct Script {
    pub(super) items: VecDeque<(Duration, Value)>,
    pub(super) end: Reason,
    pub(super) started: Duration,
}

/// A source that is on.
pub(super) enum Running {
    Script(Script),
    StandIn(Box<dyn StandIn>),
}

impl Running {
    /// The source that the host is to run with this, if it can be run in a sim.
    pub(super) fn new(engine: Box<dyn Any + Send>, now: Duration) -> Result<Self, Reason> {
        let engine = match engine.downcast::<Script>() {
            Ok(script) => return Ok(Self::Script(Script { started: now, ..*script })),
            Err(engine) => engine,
        };
        let stand_in = stand_in(&*engine);
        let _ = door::dispose(engine);
        let mut stand_in = stand_in.ok_or_else(|| Reason::error(NotScripted))?;
        stand_in.started(now);
        Ok(Self::StandIn(stand_in))
    }

    /// When it has its next item.
    pub(super) fn due(&self) -> Option<Duration> {
        match self {
            Self::Script(script) => script.items.front().map(|(at, _)| script.started + *at),
            Self::StandIn(stand_in) => stand_in.due(),
        }
    }

    /// The item that is due.
    pub(super) fn item(&mut self, now: Duration) -> Option<Value> {
        match self {
            Self::Script(script) => script.items.pop_front().map(|(_, item)| item),
            Self::StandIn(stand_in) => Some(stand_in.item(now)),
        }
    }
}

#[cfg(feature = "tokio")]
fn stand_in(engine: &(dyn Any + Send)) -> Option<Box<dyn StandIn>> {
    engine.downcast_ref::<crate::host::ground::Engine>()?.stand_in()
}

#[cfg(not(feature = "tokio"))]
fn stand_in(_: &(dyn Any + Send)) -> Option<Box<dyn StandIn>> {
    None
}

/// Why a source that is not scripted ends in a sim.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a sim runs scripted sources, and outer halves that have a stand-in: this is neither")]
struct NotScripted;
