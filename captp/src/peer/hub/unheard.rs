//! Connections that peers have made, and on which they said no hello, for people who read the log.

use std::time::Duration;

use marketplace::prelude::*;
use marketplace::{Ground, one_line};

use crate::peer::hub::Hub;
use crate::peer::hub::listening::Listening;
use crate::peer::line::{SHUTDOWN, SessionEnded};

/// The time for which further ones are only counted.
const QUIET: Duration = Duration::from_secs(60);

/// The most characters of a reason that are shown: the peer may have written it.
const SHOWN: usize = 200;

/// The name of the endpoint that waits until the next one is told.
const WAITS: &str = "unheard";

/// The connections since one was told.
#[derive(Default)]
pub(super) struct Unheard {
    is_quiet: bool,
    more: u64,
}

impl Unheard {
    /// There was one more. Says whether it is to be told.
    fn is_told(&mut self) -> bool {
        self.more += u64::from(self.is_quiet);
        !std::mem::replace(&mut self.is_quiet, true)
    }

    /// The time is over: gives how many there were, if there were any. Then it is quiet again.
    fn take_count(&mut self) -> Option<u64> {
        let more = std::mem::take(&mut self.more);
        self.is_quiet = more > 0;
        self.is_quiet.then_some(more)
    }
}

impl Hub {
    /// A connection that a peer has made has ended before the peer said hello.
    pub(super) fn tell_unheard(&mut self, why: &Reason) -> ActionTree<Self> {
        let why = why.decode().map_or_else(|| why.to_string(), |SessionEnded { why }| why.to_string());
        if why == SHUTDOWN || !self.unheard.is_told() {
            return actions![];
        }
        let why: String = one_line(&why).to_string().chars().take(SHOWN).collect();
        tracing::warn!(%why, "a peer has connected, and no session has begun");
        self.wait_unheard()
    }

    /// Only a peer that listens waits: it holds the VM open in any case.
    fn wait_unheard(&mut self) -> ActionTree<Self> {
        if !matches!(self.listening, Listening::Yes) {
            return self.hear_unheard();
        }
        let source = self.netlayer.after(QUIET);
        let waits = once(subscriber!(
            Ground::<Value>(source, _),
            match_state!(hub: &mut Self => on_message!(_ => match hub.unheard.take_count() {
                Some(more) => {
                    tracing::warn!(more, within = ?QUIET, "peers have connected, and no session has begun");
                    hub.wait_unheard()
                }
                None => actions![],
            })),
        ));
        actions![at_meta_level!(delete_endpoint(WAITS)), at_meta_level!(name_endpoint(WAITS, waits))]
    }

    /// Nobody listens any more: the next one is told.
    pub(super) fn hear_unheard(&mut self) -> ActionTree<Self> {
        self.unheard = Unheard::default();
        at_meta_level!(delete_endpoint(WAITS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_and_then_how_many_more_there_were() {
        let mut unheard = Unheard::default();
        assert!(unheard.is_told());
        assert!(!unheard.is_told() && !unheard.is_told());
        assert_eq!(unheard.take_count(), Some(2));
        assert!(!unheard.is_told(), "the sum was told just now");
        assert_eq!(unheard.take_count(), Some(1));
        assert_eq!(unheard.take_count(), None);
        assert!(unheard.is_told());
    }
}
