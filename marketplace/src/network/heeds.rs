//! The events for which an endpoint is called.

/// The events about peers for which a handler has clauses. Any other event about a peer is a turn
/// in which no clause would apply: it takes its number, but needs no call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heeds(u8);

impl Heeds {
    const PRESENCE: u8 = 1;
    const ABSENCE: u8 = 2;
    const VACANCY: u8 = 4;
    const SHUTDOWN: u8 = 8;
    #[cfg(debug_assertions)]
    const LEAVES_OUT: u8 = 16;
    #[cfg(debug_assertions)]
    const MET: u8 = 32;

    /// A handler of which nothing is known.
    pub(crate) const PEERS: Self = {
        let peers = Self::PRESENCE | Self::ABSENCE | Self::VACANCY;
        #[cfg(debug_assertions)]
        let peers = peers | Self::LEAVES_OUT;
        Self(peers)
    };

    #[inline]
    pub(crate) const fn presence(self) -> bool {
        self.0 & Self::PRESENCE != 0
    }

    #[inline]
    pub(crate) const fn absence(self) -> bool {
        self.0 & Self::ABSENCE != 0
    }

    #[inline]
    pub(crate) const fn vacancy(self) -> bool {
        self.0 & Self::VACANCY != 0
    }

    #[inline]
    pub(crate) const fn shutdown(self) -> bool {
        self.0 & Self::SHUTDOWN != 0
    }

    /// Whether it is meant to leave messages out: it has no clause for any, or is not made of
    /// clauses.
    #[cfg(debug_assertions)]
    pub(crate) const fn leaves_out(self) -> bool {
        self.0 & Self::LEAVES_OUT != 0
    }

    /// It has clauses for these, and for no other events about peers.
    pub(crate) const fn with_peers(self, presence: bool, absence: bool, vacancy: bool) -> Self {
        self.with(Self::PRESENCE, presence).with(Self::ABSENCE, absence).with(Self::VACANCY, vacancy)
    }

    pub(crate) const fn with_shutdown(self, heeds: bool) -> Self {
        self.with(Self::SHUTDOWN, heeds)
    }

    #[cfg(debug_assertions)]
    pub(crate) const fn with_leaves_out(self, leaves_out: bool) -> Self {
        self.with(Self::LEAVES_OUT, leaves_out)
    }

    /// Whether it has a clause for presence, and was told of none so far. With a clause for vacancy
    /// it knows that nobody is there. A handler of which nothing is known heeds all events.
    #[cfg(debug_assertions)]
    pub(crate) const fn waits_for_presence(self) -> bool {
        self.presence() && !self.vacancy() && self.0 & Self::MET == 0
    }

    /// Those of the same endpoint, for which it has a new handler.
    pub(crate) const fn changed_to(self, new: Self) -> Self {
        #[cfg(debug_assertions)]
        return Self(new.0 | self.0 & Self::MET);
        #[cfg(not(debug_assertions))]
        new
    }

    /// Notes that it was told of a presence.
    #[cfg(debug_assertions)]
    pub(crate) const fn meet(&mut self) {
        self.0 |= Self::MET;
    }

    const fn with(self, bit: u8, is_set: bool) -> Self {
        Self(if is_set { self.0 | bit } else { self.0 & !bit })
    }
}
