//! The right to take references back.

use marketplace::objects::{Asks, Far, Here, Promise, object};
use marketplace::prelude::*;

/// The right to take back what one gate lets through: [`revocable`](super::revocable) and
/// [`membrane`](super::membrane) give it. It is a message, and whoever has it may use it. If it is
/// dropped, the gate stays as it is.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct Revoker(Far<dyn Revoke>);

#[object]
pub(crate) trait Revoke {
    fn revoke(&mut self, why: Reason);
}

impl Revoker {
    /// The right, and the place of the object that hears when it is used.
    pub(super) fn new() -> (Self, Here) {
        let (revoke, here) = marketplace::objects::reference();
        (Self(revoke), here)
    }

    /// Takes back what the gate lets through. Programs that have its reference find it gone, for
    /// this reason: [`Broken::Gone`](marketplace::objects::Broken::Gone).
    ///
    /// `why` is a [`Reason`], a text, or an error, which [`Reason::decode`] takes apart if its type
    /// has `#[message(error)]`. The promise is fulfilled when it is done.
    pub fn revoke(&self, cx: &impl Asks, why: impl Into<Reason>) -> Promise<()> {
        self.0.revoke(cx, why.into())
    }
}

/// The object that hears when it is used: its process ends.
pub(super) fn revokes<S: Send + 'static>(here: Here) -> Action<S> {
    marketplace::object_of!(
        here,
        match_duct!(duct => on_message!(("revoke", why) => {
            let why: Reason = why;
            actions![give(&duct, &()), quit().because(why)]
        })),
    )
}
