//! Turns as JSON.

use serde::Serialize;

use crate::data::reference::Reference;
use crate::data::value::View;
use crate::host::inspector::shown::numbers;
use crate::host::inspector::shown::text::{shown, shown_name, shown_reference};
use crate::record::log::{LoggedTurn, Produced};
use crate::record::trace::{Heard, Performed};

/// How many of a turn's actions are shown, and how many bytes of them: the list ends with the first
/// action that passes this.
const PRODUCED_LIMIT: usize = 200;
const PRODUCED_BYTES: usize = 16 * 1024;

/// How many hops of a turn's duct are shown, the nearest first.
const HOPS_LIMIT: usize = 64;

#[derive(Debug, PartialEq, Serialize)]
pub(in crate::host::inspector) struct ShownTurn {
    id: u64,
    action: u64,
    cause: u64,
    stamp: u64,
    far_stamp: Option<u64>,
    vm: Vec<u64>,
    pid: u64,
    name: Option<String>,
    function: Option<String>,
    heard: String,
    /// The object that heard it, or that nobody has any more.
    object: Option<String>,
    produced: Vec<ShownProduced>,
    /// How many actions are not in `produced`.
    more: usize,
    failed: Option<String>,
    duct: Option<Vec<String>>,
    /// The state before the turn.
    state: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ShownProduced {
    id: u64,
    action: String,
    /// The object or promise at which it is aimed.
    at: Option<String>,
}

impl From<&LoggedTurn> for ShownTurn {
    fn from(turn: &LoggedTurn) -> Self {
        let mut produced = Vec::new();
        let mut bytes = 0;
        for action in turn.produced.iter().take(PRODUCED_LIMIT) {
            produced.push(ShownProduced::from(action));
            bytes += produced.last().map_or(0, |shown| shown.action.len());
            if bytes > PRODUCED_BYTES {
                break;
            }
        }
        Self {
            id: turn.id,
            action: turn.action,
            cause: turn.cause,
            stamp: turn.stamp,
            far_stamp: turn.origin.map(|origin| origin.stamp),
            vm: numbers(&turn.vm),
            pid: turn.pid.number(),
            name: turn.name.as_ref().map(shown_name),
            function: turn.function().as_ref().map(shown_name),
            heard: shown(&turn.heard),
            object: object_of(&turn.heard).map(shown_reference),
            more: turn.produced.len() - produced.len(),
            produced,
            failed: turn.failed.as_ref().map(shown),
            duct: (!turn.duct.is_empty())
                .then(|| turn.duct.hops().take(HOPS_LIMIT).map(|hop| shown_name(&hop)).collect()),
            state: turn.snapshot.as_ref().map(|state| shown(&format_args!("{state:?}"))),
        }
    }
}

impl ShownTurn {
    /// About how long it is as JSON.
    pub(in crate::host::inspector) fn bytes(&self) -> usize {
        let named = [self.name.as_ref(), self.function.as_ref()];
        let texts = [Some(&self.heard), self.failed.as_ref(), self.state.as_ref()];
        let texts = texts.into_iter().chain(named).flatten().chain(self.duct.iter().flatten());
        let actions = self.produced.iter().map(|produced| produced.action.len() + 56);
        200 + 8 * self.vm.len() + texts.map(|text| text.len() + 4).chain(actions).sum::<usize>()
    }
}

impl From<&Produced> for ShownProduced {
    fn from(produced: &Produced) -> Self {
        let at = aim_of(&produced.action).map(shown_reference);
        Self { id: produced.id, action: shown(&produced.action), at }
    }
}

const fn object_of(heard: &Heard) -> Option<&Reference> {
    match heard {
        Heard::Sent(object, _) | Heard::Released(object) => Some(object),
        _ => None,
    }
}

/// The object or promise at which an action is aimed.
pub(super) fn aim_of(action: &Performed) -> Option<&Reference> {
    match action {
        Performed::SendTo(to, _)
        | Performed::PassTo(to, ..)
        | Performed::Answer(Some(to), _)
        | Performed::Deliver(to)
        | Performed::Object(to) => Some(to),
        Performed::When(on) => match on.view() {
            View::Reference(on) => Some(on),
            _ => None,
        },
        _ => None,
    }
}
