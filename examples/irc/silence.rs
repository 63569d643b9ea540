//! Silence: a client that says nothing is asked whether it is there, and after a while it is gone.

use marketplace::prelude::*;
use marketplace_drivers::timer::{TimerExpired, When};

use super::client::SERVER;
use super::session::{Session, quits};

/// A client that has said nothing for so long is asked, in ms; for twice as long, it is gone.
const PATIENCE: u64 = 60_000;

impl Session {
    /// Begins to wait for the next line. The timers of the line before are replaced.
    pub(crate) fn waits(&self) -> ActionTree<Self> {
        let (asking, ending) = (Fresh::new().to_value(), Fresh::new().to_value());
        at_meta_level!(
            name_endpoint(
                "asking",
                subscriber!(
                    TimerExpired { label: asking, when: When::After(PATIENCE), now: _ },
                    match_state!(session: &Self => on_message!(_ => session.client.tell(format!("PING {SERVER}")))),
                ),
            ),
            name_endpoint(
                "ending",
                subscriber!(
                    TimerExpired { label: ending, when: When::After(2 * PATIENCE), now: _ },
                    on_message!(_ => quits("Ping timeout")),
                ),
            ),
        )
    }
}
