//! The trait of a host, which turns a vat over.

use crate::host::vat::{Churn, Envelope};

/// A host, which turns a vat over: three hooks.
///
/// A host that is a loop of its own keeps the [`Churn`] and a queue of envelopes, both of which may
/// be reached from several threads:
///
/// ```
/// use std::sync::{Arc, Mutex, mpsc};
/// use marketplace::prelude::*;
/// use marketplace::vat::{Churn, Envelope, Vat, VatHost, VatOptions};
///
/// /// The queue is emptied by a loop on another thread.
/// struct Custom {
///     envelopes: Mutex<Option<mpsc::Sender<Envelope>>>,
/// }
///
/// impl VatHost for Custom {
///     fn start(&self, mut churn: Churn) {
///         let (sender, envelopes) = mpsc::channel();
///         *self.envelopes.lock().unwrap() = Some(sender);
///         std::thread::spawn(move || {
///             while churn.pump() && let Ok(envelope) = envelopes.recv() {
///                 churn.feed(envelope);
///             }
///         });
///     }
///     fn halt(&self) {
///         *self.envelopes.lock().unwrap() = None;
///     }
///     fn send(&self, envelope: Envelope) -> Result<(), Envelope> {
///         match &*self.envelopes.lock().unwrap() {
///             Some(envelopes) => envelopes.send(envelope).map_err(|error| error.0),
///             None => Err(envelope),
///         }
///     }
/// }
///
/// let vat = Vat::with_host(VatOptions::default(), |_| transition_no_state!(), Custom { envelopes: Mutex::new(None) });
/// assert!(vat.call(|_| ()).is_err(), "it is not running");
/// vat.start();
/// assert_eq!(vat.call(|_| "done").unwrap(), "done");
/// ```
pub trait VatHost: Send + Sync {
    /// Arranges for the churn to be turned, and returns at once.
    fn start(&self, churn: Churn);
    /// The vat is halted: a pump of the churn performs nothing any more. The host may drop the
    /// envelopes that wait, which tells their senders.
    fn halt(&self);
    /// Arranges for the envelope to be handed to the churn, on the thread that turns it. Called on
    /// any thread, also by wakers.
    ///
    /// # Errors
    /// The envelope, if there is no room for it now.
    fn send(&self, envelope: Envelope) -> Result<(), Envelope>;
}
