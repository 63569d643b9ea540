//! Peers and their sessions, without I/O: one session a peer, whoever dialled.
//!
//! It hears what happens to connections, and says what is to be done: [`Deed`]s. It knows nothing
//! of processes and objects.

mod certificates;
mod counts;
mod gifts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

pub(crate) use self::certificates::{Gifter, Refused, claim};
pub(crate) use self::counts::Counts;
pub(crate) use self::gifts::{Gifts, Lapsed, Taken};
use crate::wire::{Location, PublicId};

/// How long an older session of a peer that connects again has to end (K8).
const OLD: Duration = Duration::from_millis(100);

/// How long an older session of a peer has to say anything, if a connection on which the peer has
/// proved its key comes beside it (K8).
const SILENCE: Duration = Duration::from_secs(2);

/// How long a peer's own connection may take when the peer has ended ours before it said hello: it
/// may have been the loser of two that crossed.
const CROSSING: Duration = Duration::from_secs(2);

/// A connection, whoever dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LineId(pub(crate) u64);

/// A peer, whatever the hints how to reach it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PeerName {
    transport: String,
    designator: String,
}

impl PeerName {
    pub(crate) fn of(location: &Location) -> Self {
        Self::new(&location.transport, &location.designator)
    }

    pub(crate) fn new(transport: &str, designator: &str) -> Self {
        Self { transport: transport.to_string(), designator: designator.to_string() }
    }
}

impl std::fmt::Display for PeerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.designator, self.transport)
    }
}

/// A peer, and hints how to reach it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) peer: PeerName,
    hints: Vec<(String, String)>,
}

impl Address {
    pub(crate) fn of(location: &Location) -> Self {
        Self { peer: PeerName::of(location), hints: location.hints.clone() }
    }

    pub(crate) fn location(&self) -> Location {
        let hints: Vec<_> = self.hints.iter().map(|(name, hint)| (name.as_str(), hint.as_str())).collect();
        Location::new(&self.peer.transport, &self.peer.designator, &hints)
    }
}

/// A deed that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// We say hello on this connection.
    Greet(LineId),
    /// The session begins on this connection.
    Begin(LineId),
    /// This connection ends, for this reason, which the peer is told.
    Abort(LineId, String),
    /// The peer of this session is to be asked whether it is there; if it answers,
    /// [`Sessions::answers`] is to be told.
    Ask(LineId),
    /// [`Sessions::waited`] is to be told after this time.
    Wait(LineId, Duration),
    /// A way to this peer has come to nothing, for this reason: who waits for the peer, and has no
    /// other [`Way`], waits in vain.
    Lost(PeerName, String),
}

/// The way to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A session stands.
    Stands,
    /// One may come to stand: the peer is dialled at this address, or has connected.
    Begun,
    /// None.
    Nothing,
}

/// All connections. `S` is what is known of a session that stands.
pub(crate) struct Sessions<S> {
    us: PeerName,
    /// How many sessions there may be.
    most: usize,
    /// How many connections may be there whose peers have not said hello, or wait for an older
    /// session of theirs to end.
    silent: usize,
    /// How long a peer that has connected may be silent, if there is a limit.
    patience: Option<Duration>,
    /// A peer that connects has proved its key.
    proved: bool,
    lines: BTreeMap<LineId, State<S>>,
    /// The connections that were dialled for hand-offs alone, at addresses that may be false.
    for_hand_offs: HashSet<LineId>,
    /// The connection with a peer on which a session has begun.
    of_peer: HashMap<PeerName, LineId>,
}

enum State<S> {
    /// It was accepted, and its peer has said nothing yet.
    Silent,
    /// It was dialled, and we have said nothing yet.
    Dialled(Address),
    /// It was dialled, and we have said hello under this name.
    Greeted(Address, PublicId),
    /// It was accepted, and its peer has an older session, which may be about to end; or which is
    /// asked whether it is there. Or it has crossed one that was dialled for a hand-off, on which a
    /// hello may come.
    Waits(PeerName, Option<LineId>),
    /// It was dialled, and has ended before the peer said hello, for this reason. The peer may have
    /// dialled, too.
    Missed(Address, String),
    /// The session begins.
    Begun(PeerName),
    /// The session stands.
    Stands(PeerName, S),
    /// It has to end.
    Ends(String),
}

/// A peer that was dialled has so long to say hello, where one that connects has any time.
const HELLO: Duration = Duration::from_secs(10);

const LATE: &str = "no hello came in time";

const CROSSED: &str = "Crossed hellos mitigated";
pub(crate) const FULL: &str = "there are as many sessions as there may be";
const ANOTHER: &str = "there is a session with this peer already";
pub(crate) const REPLACED: &str = "replaced";

impl<S> Sessions<S> {
    /// No connections yet. We are this peer.
    pub(crate) fn new(us: PeerName) -> Self {
        let (most, silent, patience, proved) = (usize::MAX, usize::MAX, None, false);
        let (lines, for_hand_offs, of_peer) = (BTreeMap::new(), HashSet::new(), HashMap::new());
        Self { us, most, silent, patience, proved, lines, for_hand_offs, of_peer }
    }

    /// There may be so many sessions, and so many connections whose peers have said nothing; each
    /// of them may be silent for so long.
    pub(crate) fn bounded(self, most: usize, silent: usize, patience: Option<Duration>) -> Self {
        Self { most, silent, patience, ..self }
    }

    /// Peers that connect have proved their keys, if this says so.
    pub(crate) fn proved(self, proved: bool) -> Self {
        Self { proved, ..self }
    }

    /// Whether there may be no more sessions.
    pub(crate) fn is_full(&self) -> bool {
        self.of_peer.len() >= self.most
    }

    /// Whether this is our own name.
    pub(crate) fn is_us(&self, peer: &PeerName) -> bool {
        *peer == self.us
    }

    /// The way to a peer, for whoever knows this address.
    pub(crate) fn way(&self, address: &Address) -> Way {
        if self.line_of(&address.peer).is_some() {
            return Way::Stands;
        }
        let dials = |state: &State<S>| state.dialled() == Some(address);
        let begun = self.comes(&address.peer) || self.lines.values().any(dials);
        if begun { Way::Begun } else { Way::Nothing }
    }

    /// Whether a session with this peer stands or begins, or the peer has connected.
    fn comes(&self, peer: &PeerName) -> bool {
        self.of_peer.contains_key(peer) || self.waiting_for(peer).is_some()
    }

    /// The connection on which a session with this peer stands.
    pub(crate) fn line_of(&self, peer: &PeerName) -> Option<LineId> {
        let line = *self.of_peer.get(peer)?;
        self.standing(line).map(|_| line)
    }

    /// The session that stands on this connection.
    pub(crate) fn standing(&self, line: LineId) -> Option<&S> {
        match self.lines.get(&line)? {
            State::Stands(_, session) => Some(session),
            _ => None,
        }
    }

    /// The sessions that stand.
    pub(crate) fn that_stand(&self) -> impl Iterator<Item = (LineId, &S)> {
        self.lines.iter().filter_map(|(line, state)| match state {
            State::Stands(_, session) => Some((*line, session)),
            _ => None,
        })
    }

    /// A peer has connected.
    pub(crate) fn accepted(&mut self, line: LineId) -> Vec<Deed> {
        self.lines.insert(line, State::Silent);
        let mut deeds: Vec<_> =
            self.patience.map(|patience| Deed::Wait(line, patience)).into_iter().collect();
        let silent = |state: &State<S>| matches!(state, State::Silent | State::Waits(..));
        if self.lines.values().filter(|state| silent(state)).count() <= self.silent {
            return deeds;
        }
        let oldest = self.lines.iter().find(|(_, state)| silent(state)).map(|(line, _)| *line);
        deeds.extend(oldest.map(|oldest| self.abort(oldest, "too many have connected and said nothing")));
        deeds
    }

    /// We dial a peer.
    pub(crate) fn dials(&mut self, line: LineId, to: Address) {
        self.lines.insert(line, State::Dialled(to));
    }

    /// We dial a peer for hand-offs alone.
    pub(crate) fn dials_for_hand_offs(&mut self, line: LineId, to: Address) {
        self.dials(line, to);
        self.for_hand_offs.insert(line);
    }

    /// We are to say hello on a connection that we dialled, under this name.
    pub(crate) fn greets(&mut self, line: LineId, us: PublicId) -> Vec<Deed> {
        match self.lines.get_mut(&line) {
            Some(State::Dialled(to)) => {
                let to = to.clone();
                self.lines.insert(line, State::Greeted(to, us));
                vec![Deed::Greet(line), Deed::Wait(line, self.patience.unwrap_or(HELLO))]
            }
            Some(State::Ends(why)) => vec![Deed::Abort(line, why.clone())],
            _ => vec![self.abort(line, "a hello is said once")],
        }
    }

    /// A peer has said hello, under this name for the session. `us` is our name for it.
    pub(crate) fn hello(&mut self, line: LineId, peer: PeerName, they: PublicId, us: PublicId) -> Vec<Deed> {
        match self.lines.get(&line) {
            Some(State::Silent) => self.judge(line, peer, they),
            Some(State::Greeted(Address { peer: dialled, .. }, _)) => {
                let why = if *dialled != peer {
                    format!("`{dialled}` was dialled, but it was `{peer}` who answered")
                } else if us == they {
                    "the hello is our own".to_string()
                } else if self.of_peer.contains_key(&peer) {
                    CROSSED.to_string()
                } else if self.is_full() {
                    FULL.to_string()
                } else {
                    return self.begin(line, peer);
                };
                let dialled = dialled.clone();
                let mut deeds = vec![self.abort(line, &why)];
                deeds.extend(self.lost(dialled, &why));
                deeds
            }
            Some(State::Ends(why)) => vec![Deed::Abort(line, why.clone())],
            _ => vec![self.abort(line, "a hello is said once")],
        }
    }

    /// A hello on a connection that was accepted.
    fn judge(&mut self, line: LineId, peer: PeerName, they: PublicId) -> Vec<Deed> {
        if self.is_us(&peer) {
            return vec![self.abort(line, "that is the name of the one who is spoken to")];
        }
        if let Some(&old) = self.of_peer.get(&peer) {
            let asked = (self.proved && self.standing(old).is_some()).then_some(old);
            self.lines.insert(line, State::Waits(peer, asked));
            return match asked {
                Some(old) => vec![Deed::Ask(old), Deed::Wait(line, SILENCE)],
                None => vec![Deed::Wait(line, OLD)],
            };
        }
        if self.is_full() {
            return vec![self.abort(line, FULL)];
        }
        // The lower name's connection goes. One on which nothing was said goes in any case.
        let is_higher =
            |state: &State<S>| matches!(state, State::Greeted(to, us) if to.peer == peer && *us >= they);
        let mut higher = self.lines.iter().filter(|(_, state)| is_higher(state)).peekable();
        if higher.peek().is_none() {
            return self.begin(line, peer);
        }
        // Perhaps nobody, or somebody else, is where a hand-off has led us. If the peer is there,
        // it has judged as we have, and says hello on that one.
        if higher.all(|(line, _)| self.for_hand_offs.contains(line)) {
            self.lines.insert(line, State::Waits(peer, None));
            return vec![Deed::Wait(line, CROSSING)];
        }
        vec![self.abort(line, CROSSED)]
    }

    /// The time that [`Deed::Wait`] asked for is over.
    pub(crate) fn waited(&mut self, line: LineId) -> Vec<Deed> {
        match self.lines.get(&line) {
            Some(State::Waits(peer, Some(old))) if self.of_peer.get(peer) == Some(old) => {
                let (peer, old) = (peer.clone(), *old);
                // Another one that waits may be next.
                self.lines.insert(line, State::Waits(peer, None));
                vec![Deed::Abort(old, REPLACED.to_string()), Deed::Wait(line, OLD)]
            }
            Some(State::Waits(peer, None)) if !self.of_peer.contains_key(peer) => {
                let peer = peer.clone();
                if self.is_full() { vec![self.abort(line, FULL)] } else { self.begin(line, peer) }
            }
            Some(State::Waits(..)) => vec![self.abort(line, ANOTHER)],
            Some(State::Silent) => vec![self.abort(line, LATE)],
            Some(State::Greeted(dialled, _)) => {
                let dialled = dialled.peer.clone();
                let mut deeds = vec![self.abort(line, LATE)];
                deeds.extend(self.lost(dialled, LATE));
                deeds
            }
            Some(State::Missed(Address { peer, .. }, why)) => {
                let (peer, why) = (peer.clone(), why.clone());
                self.lines.remove(&line);
                self.lost(peer, &why).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The peer of this session was asked, and is there.
    pub(crate) fn answers(&mut self, line: LineId) -> Vec<Deed> {
        let asks = |state: &State<S>| matches!(state, State::Waits(_, Some(asked)) if *asked == line);
        let refused: Vec<_> =
            self.lines.iter().filter(|(_, state)| asks(state)).map(|(line, _)| *line).collect();
        refused.into_iter().map(|line| self.abort(line, ANOTHER)).collect()
    }

    /// The session that has begun stands. Says whose it is, unless none has begun.
    pub(crate) fn stands(&mut self, line: LineId, session: S) -> Option<PeerName> {
        let Some(State::Begun(peer)) = self.lines.get(&line) else { return None };
        let peer = peer.clone();
        self.lines.insert(line, State::Stands(peer.clone(), session));
        Some(peer)
    }

    /// The connection is gone, for this reason.
    pub(crate) fn gone(&mut self, line: LineId, why: &str) -> (Option<S>, Vec<Deed>) {
        let Some(state) = self.lines.remove(&line) else { return (None, Vec::new()) };
        self.for_hand_offs.remove(&line);
        let (peer, session) = match state {
            State::Silent | State::Ends(_) => return (None, Vec::new()),
            State::Greeted(to, _) if !self.comes(&to.peer) => {
                self.lines.insert(line, State::Missed(to, why.to_string()));
                return (None, vec![Deed::Wait(line, CROSSING)]);
            }
            State::Missed(to, why) => {
                self.lines.insert(line, State::Missed(to, why));
                return (None, Vec::new());
            }
            State::Dialled(Address { peer, .. })
            | State::Greeted(Address { peer, .. }, _)
            | State::Waits(peer, _) => (peer, None),
            State::Begun(peer) => {
                self.of_peer.remove(&peer);
                (peer, None)
            }
            State::Stands(peer, session) => {
                self.of_peer.remove(&peer);
                (peer, Some(session))
            }
        };
        let greets = |state: &State<S>| matches!(state, State::Greeted(to, _) if to.peer == peer);
        if !self.of_peer.contains_key(&peer)
            && !self.lines.values().any(greets)
            && !self.is_full()
            && let Some(next) = self.waiting_for(&peer)
        {
            return (session, self.begin(next, peer));
        }
        (session, self.lost(peer, why).into_iter().collect())
    }

    fn waiting_for(&self, peer: &PeerName) -> Option<LineId> {
        let waits = |state: &State<S>| matches!(state, State::Waits(waits, _) if waits == peer);
        self.lines.iter().find(|(_, state)| waits(state)).map(|(line, _)| *line)
    }

    /// The session with a peer begins. Other connections that we have dialled to reach it go.
    fn begin(&mut self, line: LineId, peer: PeerName) -> Vec<Deed> {
        let goes = |(other, state): (&LineId, &State<S>)| {
            let dials = matches!(state, State::Dialled(to) | State::Greeted(to, _) if to.peer == peer);
            (dials && *other != line).then_some(*other)
        };
        let others: Vec<_> = self.lines.iter().filter_map(goes).collect();
        let mut deeds: Vec<_> = others.into_iter().map(|other| self.abort(other, CROSSED)).collect();
        self.of_peer.insert(peer.clone(), line);
        self.lines.insert(line, State::Begun(peer));
        deeds.push(Deed::Begin(line));
        deeds
    }

    /// A session that has begun is there until its connection is gone.
    fn abort(&mut self, line: LineId, why: &str) -> Deed {
        if let Some(state) = self.lines.get_mut(&line)
            && !matches!(state, State::Begun(_) | State::Stands(..))
        {
            *state = State::Ends(why.to_string());
        }
        Deed::Abort(line, why.to_string())
    }

    /// Unless a session with this peer comes, that a way to it has come to nothing is to be told.
    fn lost(&self, peer: PeerName, why: &str) -> Option<Deed> {
        (!self.comes(&peer)).then(|| Deed::Lost(peer, why.to_string()))
    }
}

impl<S> State<S> {
    /// Where it was dialled, if that may still come to something.
    const fn dialled(&self) -> Option<&Address> {
        match self {
            Self::Dialled(to) | Self::Greeted(to, _) | Self::Missed(to, _) => Some(to),
            Self::Silent | Self::Waits(..) | Self::Begun(_) | Self::Stands(..) | Self::Ends(_) => None,
        }
    }
}
