//! Tells who is connected.

use marketplace::prelude::*;
use marketplace_captp::{CapTpSession, SessionEnded};

/// Prints who comes and who goes.
pub(crate) fn doorman() -> Transition<()> {
    transition_no_state!(subscriber!(
        CapTpSession { .. },
        match_conversation!(CapTpSession { peer, .. } =>
            on_presence!(println!("{} is there", name(&peer))),
            match_reason!(SessionEnded { why } => on_absence!(println!("{} is gone: {why}", name(&peer))))),
    ))
}

/// The beginning of a peer's key.
fn name(peer: &Text) -> &str {
    peer.strip_prefix("ocapn://").and_then(|key| key.get(..8)).unwrap_or(peer)
}
