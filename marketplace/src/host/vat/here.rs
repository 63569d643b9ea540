//! The vat that has the thread.

use std::cell::Cell;

use tracing::dispatcher::DefaultGuard;

use crate::data::contained;
use crate::data::numbers::{self, Stamp, TurnId};
use crate::host::ground::log;
use crate::host::vat::Vat;
use crate::record::log::Origin;

thread_local! {
    /// The vat that is being turned over on this thread; 0: none.
    static VAT: Cell<u64> = const { Cell::new(0) };
    /// The place where the item was sent that a stream is about to give.
    static ARRIVAL: Cell<Option<Origin>> = const { Cell::new(None) };
}

/// While it lives the thread belongs to a vat.
pub(crate) struct OnThread {
    outer_vat: u64,
    outer_turn: (TurnId, Stamp),
    _logs: Option<DefaultGuard>,
}

impl OnThread {
    /// Gives the thread to the vat of this number, at this time of its own; none of its turns runs
    /// yet. A fault meanwhile is logged.
    pub(crate) fn enter(vat: u64, stamp: Stamp) -> Self {
        let outer_turn = numbers::noted_turn();
        numbers::note_turn(TurnId::NONE, stamp);
        Self { outer_vat: VAT.replace(vat), outer_turn, _logs: log::on() }
    }
}

impl Drop for OnThread {
    fn drop(&mut self) {
        let (turn, stamp) = self.outer_turn;
        numbers::note_turn(turn, stamp);
        VAT.set(self.outer_vat);
    }
}

/// Where this is called: in which turn of which vat, and when; `None` outside every vat. It is for
/// code that carries messages from vat to vat.
#[must_use]
pub fn here() -> Option<Origin> {
    let vat = VAT.get();
    let (turn, stamp) = numbers::noted_turn();
    (vat != 0).then(|| Origin::new(vat, turn.number(), stamp.number()))
}

/// Says where the item was sent that a [`Stream`](crate::ground::Stream) is about to give. So
/// logical time goes on, and the log knows the causes across vats. To be called in `poll_next`.
pub fn arriving(from: Origin) {
    ARRIVAL.set(Some(from));
}

/// Takes the place where the item was sent that a stream has received since the last call.
pub(crate) fn take_arrival() -> Option<Origin> {
    ARRIVAL.take()
}

/// Notes that something has arrived in the vat that has the thread, and tells the vat that sent it.
pub(crate) fn note_arrival(from: Origin) {
    if let Some(sender) = Vat::find(from.vat) {
        sender.note_reached(VAT.get());
    }
}

/// Whether a turn has the thread, or the code that turns a vat over: then the thread must not wait.
pub(crate) fn is_turned() -> bool {
    VAT.get() != 0 || contained::is_inside()
}
