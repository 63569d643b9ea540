//! Questions of a sim to objects.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::data::lock::lock;
use crate::data::message::Message;
use crate::data::reason::Reason;

/// A question of a sim to an object: see [`Sim::ask`](super::Sim::ask).
pub struct Asked<T>(Arc<Mutex<Option<Result<T, Reason>>>>);

impl<T: Message> Asked<T> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn hears(&self) -> impl FnOnce(Result<T, Reason>) + Send + 'static {
        let answer = self.0.clone();
        move |result| *lock(&answer) = Some(result)
    }

    /// The answer, or the reason for which there will be none; nothing, as long as neither is
    /// known.
    #[must_use]
    pub fn answer(&self) -> Option<Result<T, Reason>> {
        match lock(&self.0).as_ref()? {
            // A message need not be `Clone`, but its value is.
            Ok(message) => T::from_value(&message.to_value()).map(Ok),
            Err(reason) => Some(Err(reason.clone())),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asked").field(&*lock(&self.0)).finish()
    }
}
