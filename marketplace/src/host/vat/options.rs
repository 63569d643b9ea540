//! How a vat is made.

use crate::host::ground::Warnings;
use crate::process::limits::Limits;
use crate::record::log::LOG_CAPACITY;

/// How a vat is made.
///
/// ```
/// use marketplace::vat::VatOptions;
/// let options = VatOptions { name: Some("accounts".into()), log: true, ..VatOptions::default() };
/// assert_eq!(options.log_capacity, 256);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatOptions {
    /// A name for people. No environment variable changes it.
    pub name: Option<String>,
    /// Whether turns are logged from the beginning.
    pub log: bool,
    /// How many turns the log keeps.
    pub log_capacity: usize,
    /// How many envelopes wait at most, with the hosts that come with this crate.
    pub inbox: usize,
    /// How much there may be in its ground VM.
    pub limits: Limits,
    /// From when on it is a warning in the logs that its ground VM does not get on.
    pub warnings: Warnings,
}

impl Default for VatOptions {
    fn default() -> Self {
        Self {
            name: None,
            log: false,
            log_capacity: LOG_CAPACITY,
            inbox: 65_536,
            limits: Limits::default(),
            warnings: Warnings::default(),
        }
    }
}
