//! Questions of a sim to objects.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::data::lock::lock;
use crate::data::message::Message;
use crate::data::reason::Reason;

/// A question of a sim to an object: see [`Sim::ask`](super::Sim::ask).
pub struct Asked<T>(Arc<Mutex<Heard<T>>>);

/// The answer, once it is known. It is looked at outside of the lock, since that is user code.
type Heard<T> = Option<Result<Arc<T>, Reason>>;

impl<T: Message> Asked<T> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn hears(&self) -> impl FnOnce(Result<T, Reason>) + Send + 'static {
        let answer = self.0.clone();
        move |result| *lock(&answer) = Some(result.map(Arc::new))
    }

    /// The answer, or the reason for which there will be none; nothing, as long as neither is
    /// known.
    #[must_use]
    pub fn answer(&self) -> Option<Result<T, Reason>> {
        let heard = self.heard()?;
        // A message need not be `Clone`, but its value is. This one was read from a value when it
        // came, so it can be read again: nothing is given only as long as nothing is known.
        heard.map(|message| T::from_value(&message.to_value())).transpose()
    }
}

impl<T> Asked<T> {
    fn heard(&self) -> Heard<T> {
        lock(&self.0).clone()
    }
}

impl<T: fmt::Debug> fmt::Debug for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asked").field(&self.heard()).finish()
    }
}
