//! Why a session is over.

use marketplace::prelude::*;

/// A session has ended. All that the peer was to answer, and all references to its objects, break
/// with `Broken::Gone` of this. It is a value if the peer or the program went, and an error if the
/// session could not go on.
///
/// ```
/// use marketplace::objects::Broken;
/// use marketplace::prelude::*;
/// use marketplace_captp::SessionEnded;
///
/// fn why(reason: &Reason) -> Option<Text> {
///     let Some(Broken::Gone(reason)) = Broken::of(reason) else { return None };
///     reason.decode().map(|SessionEnded { why }| why)
/// }
///
/// let ended = Reason::value(&SessionEnded { why: "overrun".into() });
/// assert_eq!(why(&Broken::Gone(ended).into()), Some("overrun".into()));
/// ```
#[derive(Message, Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[message(error)]
#[error("the session has ended: {why}")]
pub struct SessionEnded {
    /// The reason that was said, or what was noticed.
    pub why: Text,
}
