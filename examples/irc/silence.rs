//! Silence: a client that says nothing is asked whether it is there, and after a while it is gone.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace_drivers::timer;

use super::client::SERVER;
use super::session::{Session, quits};

/// A client that has said nothing for so long is asked; for twice as long, it is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Begins to wait for the next line. The timers of the line before are replaced.
pub(crate) fn waits() -> ActionTree<Session> {
    let asks = |session: &Session| session.client.tell(format!("PING {SERVER}"));
    at_meta_level!(
        name_endpoint("asking", timer::after(PATIENCE, asks)),
        name_endpoint("ending", timer::after(2 * PATIENCE, || quits("Ping timeout"))),
    )
}
