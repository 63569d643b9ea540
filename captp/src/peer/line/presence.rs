//! Sessions are present in their VM.

use marketplace::prelude::*;

/// Each session that stands is a publisher of this, in the VM of its peer: so programs learn who is
/// connected. Its absence has the reason for which the session ended.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_captp::{CapTpSession, SessionEnded};
///
/// fn doorman() -> Transition<()> {
///     transition_no_state!(subscriber!(
///         CapTpSession { .. },
///         match_conversation!(CapTpSession { peer, .. } =>
///             on_presence!(send_message!(("welcome", peer))),
///             match_reason!(SessionEnded { why } => on_absence!(send_message!(("goodbye", why))))),
///     ))
/// }
/// # let _ = doorman();
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct CapTpSession {
    /// Where the peer says that it is: `ocapn://..`.
    pub peer: Text,
    /// We have dialled.
    pub dialled: bool,
}
