//! Which vat has the thread.

use std::cell::Cell;

use crate::door;
use crate::log::Origin;

thread_local! {
    /// The vat that is being turned over on this thread; 0: none.
    static VAT: Cell<u64> = const { Cell::new(0) };
    /// Where the item was sent that a stream is about to give.
    static ARRIVAL: Cell<Option<Origin>> = const { Cell::new(None) };
}

/// While it lives the thread belongs to a vat.
pub(crate) struct Here(u64);

impl Here {
    pub(crate) fn enter(vat: u64) -> Self {
        Self(VAT.replace(vat))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        VAT.set(self.0);
    }
}

/// Where this is called: in which turn of which vat, and when; `None` outside every vat. For who carries messages from vat to vat.
#[must_use]
pub fn here() -> Option<Origin> {
    let vat = VAT.get();
    let (turn, stamp) = door::noted_turn();
    (vat != 0).then(|| Origin::new(vat, turn, stamp))
}

/// Says of the item that a [`Stream`](crate::ground::Stream) is about to give where it was sent: so logical time goes on, and the log knows
/// what led to what across vats. To be called in `poll_next`.
pub fn arriving(from: Origin) {
    ARRIVAL.set(Some(from));
}

pub(crate) fn take_arrival() -> Option<Origin> {
    ARRIVAL.take()
}
