//! Where panics are, for the logs: a panic that is caught does not say it.

use std::panic;
use std::sync::Once;

use crate::data::contained;

/// From now on it is noted where panics are. The hook that was there is still called.
pub(super) fn note() {
    static ONCE: Once = Once::new();
    // A panicking thread may not change what is done about panics.
    if !std::thread::panicking() {
        ONCE.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                contained::note_panic(panic);
                before(panic);
            }));
        });
    }
}
