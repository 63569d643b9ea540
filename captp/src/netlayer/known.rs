//! Knowledge of a peer before it says anything.

use marketplace::Message;

use crate::netlayer::Reach;
use crate::wire::Location;

/// The things that are known of a peer, whatever it says. If a connection does not tell, nothing is
/// proved, and the peer may be anywhere: its hints lead to public addresses only.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The things that it has proved.
    pub proof: Proof,
    /// From where we see it.
    pub reach: Reach,
}

/// The things that a peer has proved about its designator.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: it is whoever it says.
    Nothing,
    /// It is the one with this designator.
    Designator(String),
    /// Its designator begins like this.
    Beginning(String),
}

impl Default for Known {
    fn default() -> Self {
        Self { proof: Proof::Nothing, reach: Reach::Public }
    }
}

impl Proof {
    /// Whether a peer that has proved this may say that it is there, by this transport.
    ///
    /// ```
    /// use marketplace_captp::netlayer::Proof;
    /// use marketplace_captp::wire::Location;
    ///
    /// let bank = Location::new("tls", "a7q", &[]);
    /// assert!(Proof::Designator("a7q".into()).allows(&bank, "tls"));
    /// assert!(!Proof::Designator("a7q".into()).allows(&bank, "unix"));
    /// assert!(!Proof::Designator("A7Q".into()).allows(&bank, "tls"));
    /// assert!(Proof::Nothing.allows(&bank, "unix"));
    /// ```
    #[must_use]
    pub fn allows(&self, said: &Location, transport: &str) -> bool {
        let fits = match self {
            Self::Nothing => return true,
            Self::Designator(designator) => said.designator == *designator,
            Self::Beginning(beginning) => said.designator.starts_with(beginning),
        };
        fits && said.transport == transport
    }
}
