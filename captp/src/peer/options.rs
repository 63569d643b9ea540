//! The settings of a peer.

use std::time::Duration;

use crate::session::Bounds;
use crate::wire::Spelling;

/// The settings of a peer. [`Options::peer`] makes one.
///
/// [`Options::bounds`] bounds each session, the others the peer.
///
/// ```
/// use marketplace::prelude::*;
/// use marketplace_captp::Options;
/// use marketplace_captp::netlayer::memory::Network;
/// use marketplace_captp::wire::Spelling;
///
/// let options = Options::default().spelling(Spelling::Next).gifts(100);
/// let (spawn, peer): (Spawn<()>, _) = options.peer(Network::new().netlayer("bank"));
/// # let _ = (spawn, peer);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    pub(crate) spelling: Spelling,
    pub(crate) bounds: Bounds,
    pub(crate) gifts: usize,
    pub(crate) used_counts: usize,
    pub(crate) sessions: usize,
    pub(crate) hand_off_within: Duration,
    pub(crate) avoid_for: Duration,
    pub(crate) idle_for: Duration,
    pub(crate) gift_for: Duration,
    pub(crate) silent: usize,
    pub(crate) dials: usize,
    pub(crate) held: usize,
    pub(crate) unheard: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            spelling: Spelling::default(),
            bounds: Bounds::default(),
            gifts: 10_000,
            used_counts: 10_000,
            sessions: 10_000,
            hand_off_within: Duration::from_secs(2),
            avoid_for: Duration::from_secs(10),
            idle_for: Duration::from_secs(10),
            gift_for: Duration::from_secs(60),
            silent: 64,
            dials: 100,
            held: 64 << 20,
            unheard: 16 << 20,
        }
    }
}

impl Options {
    /// How messages are written: [`Spelling::Framed`] unless this says otherwise. All spellings are
    /// understood.
    pub const fn spelling(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// The most that a session may hold.
    pub const fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// How many gifts of one peer may wait for others, or be waited for: 10,000 unless this says
    /// otherwise.
    pub const fn gifts(mut self, gifts: usize) -> Self {
        self.gifts = gifts;
        self
    }

    /// How long a third machine has to give us what a peer hands off to us: 2 s unless this says
    /// otherwise. The peer's messages wait meanwhile. Then a broken promise stands in the place
    /// of the object. This should not be longer than the [`gift_for`](Self::gift_for) of the peer
    /// and of the third machine: then the gift may be gone.
    pub const fn hand_off_within(mut self, time: Duration) -> Self {
        self.hand_off_within = time;
        self
    }

    /// How long an address at which a third machine could not be reached for a hand-off is not
    /// tried again: 10 s unless this says otherwise.
    pub const fn avoid_for(mut self, time: Duration) -> Self {
        self.avoid_for = time;
        self
    }

    /// How long a session that neither side uses stays, if we have dialled: 10 s unless this says
    /// otherwise. The next send to the peer dials anew. Gifts that were deposited in the session
    /// count as use for some time: [`gift_for`](Self::gift_for).
    pub const fn idle_for(mut self, time: Duration) -> Self {
        self.idle_for = time;
        self
    }

    /// How long a gift waits for the peer that it is for: 60 s unless this says otherwise. If other
    /// gifts of its gifter wait already, it may wait for up to twice as long. Then it is gone, and
    /// a warning says so. So long the session in which it was deposited counts as used, and so does
    /// one in which we have deposited a gift: it is gone when that session ends, and its withdrawal
    /// is refused, for there is no session with the gifter any more. A peer that asks for a gift
    /// before it is deposited waits for it as long.
    pub const fn gift_for(mut self, time: Duration) -> Self {
        self.gift_for = time;
        self
    }

    /// How many connections there may be whose peers have not said hello, or wait for an older
    /// session of theirs to end: 64 unless this says otherwise. If there is one more, the oldest of
    /// them ends.
    pub const fn silent(mut self, connections: usize) -> Self {
        self.silent = connections;
        self
    }

    /// How many addresses of peers may be dialled at a time because others hand off objects of
    /// them: 100 unless this says otherwise. Beyond that, a broken promise stands in the place of
    /// the object.
    pub const fn dials(mut self, dials: usize) -> Self {
        self.dials = dials;
        self
    }

    /// How many bytes of a session's messages may wait for objects of third machines: 64 MiB unless
    /// this says otherwise. A message counts as it is kept, if that is more than it had on the
    /// wire. If more wait, the session ends.
    pub const fn held(mut self, bytes: usize) -> Self {
        self.held = bytes;
        self
    }

    /// How many bytes of a peer may wait until it is known whether a session with it begins: 16 MiB
    /// unless this says otherwise. If more wait, the connection ends.
    pub const fn unheard(mut self, bytes: usize) -> Self {
        self.unheard = bytes;
        self
    }

    /// How many sessions there may be: 10,000 unless this says otherwise. One more is refused, and
    /// one more peer is not dialled.
    pub const fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }

    /// How many numbers of certificates of one session may be used out of order: 10,000 unless this
    /// says otherwise. A number that cannot be remembered is refused.
    pub const fn used_counts(mut self, counts: usize) -> Self {
        self.used_counts = counts;
        self
    }
}
