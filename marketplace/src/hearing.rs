//! What a handler is called for.

/// Of which events a handler has anything to say. The others it is not told, so that they cost nothing.
///
/// The forms (`subscriber!` and its kin) know it from their clauses; [`AddEndpoint::hearing`](crate::AddEndpoint::hearing) says it of an
/// endpoint that is made by hand. Refusals, replies and the absence of ducts are told in any case: that nobody handles them matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Hearing {
    /// Messages, or feedback.
    pub messages: bool,
    /// That a peer comes.
    pub presence: bool,
    /// That a peer goes.
    pub absence: bool,
    /// That there is no peer at first.
    pub vacancy: bool,
}

impl Hearing {
    /// Everything.
    pub const ALL: Self = Self::new(true, true, true, true);

    /// Peers that come and go, and no messages.
    pub const PEERS: Self = Self::new(false, true, true, true);

    /// Messages; presence; absence; vacancy.
    #[must_use]
    pub const fn new(messages: bool, presence: bool, absence: bool, vacancy: bool) -> Self {
        Self { messages, presence, absence, vacancy }
    }
}
