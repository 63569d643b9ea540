//! Sessions, for people who look on (K14).

use std::fmt;

use marketplace::one_line;
use marketplace::prelude::*;

use crate::session::{Row, Sizes, Tables};

/// A session that stands, as [`Peer::sessions`](crate::Peer) shows it: whose it is, what is in its
/// tables, and what waits. It keeps nothing of what is in the tables.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct SessionTable {
    /// Where the peer says that it is: `ocapn://..`.
    pub peer: Text,
    /// The name of the session, equal on both sides.
    pub session: Text,
    /// We have dialled.
    pub dialled: bool,
    /// How we write: `framed`, `next` or `snapshot`.
    pub spelling: Symbol,
    /// How many operations have gone out.
    pub said: u64,
    /// How many operations were heard.
    pub heard: u64,
    /// Ours that the peer has. Our bootstrap object is at 0.
    pub exports: Vec<SessionRow>,
    /// The peer's that somebody here has.
    pub imports: Vec<SessionRow>,
    /// Answers that we want.
    pub questions: Vec<SessionRow>,
    /// Answers that the peer may speak to.
    pub answers: Vec<SessionRow>,
    /// How many messages of the peer wait for objects of third machines.
    pub waiting: u64,
    /// How many gifts of the peer are here, for others.
    pub gifts: u64,
    /// How many gifts of the peer are waited for.
    pub wanted: u64,
}

/// A row of a [`SessionTable`].
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its place.
    pub place: u64,
    /// The kind of thing there.
    pub kind: Symbol,
    /// The thing itself, as `dump` shows it; empty if nobody outside the session can know it.
    pub what: Text,
    /// How often the importer was told of it. For answers it is 1.
    pub count: u64,
}

impl From<&Row> for SessionRow {
    fn from(row: &Row) -> Self {
        let what = row.reference.as_ref().map(|reference| format!("{reference:?}")).unwrap_or_default();
        Self { place: row.place, kind: Symbol::new(row.kind), what: what.into(), count: row.count }
    }
}

impl SessionTable {
    /// Puts the rows of these tables in: of each table so many at most.
    pub(super) fn with_rows(mut self, tables: &Tables, most: usize) -> Self {
        let rows = |rows: &[Row]| rows.iter().take(most).map(SessionRow::from).collect();
        self.exports = rows(&tables.exports);
        self.imports = rows(&tables.imports);
        self.questions = rows(&tables.questions);
        self.answers = rows(&tables.answers);
        self
    }
}

/// The process of a session as it was before a turn: what a log that is on keeps of it (K13, K14).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionState {
    /// Where the peer says that it is: `ocapn://..`; empty before the session begins.
    pub peer: Text,
    /// The name of the session, equal on both sides; empty before it begins.
    pub session: Text,
    /// How many operations went out before: so the next one has this number.
    pub said: u64,
    /// How many operations were heard before: so the next one has this number.
    pub heard: u64,
    /// The sizes of the tables.
    pub sizes: Sizes,
    /// How many messages of the peer wait for objects of third machines.
    pub waiting: u64,
    /// Why it is over, if it is.
    pub over: Option<Text>,
}

/// How many rows of a table people are shown.
pub(super) const NAMED: usize = 100;

/// The process of a session as people are shown it: `peek p7` at a prompt, and the inspector.
pub(super) struct SessionLines {
    /// The first rows of each table, and how many rows each has.
    pub(super) table: Option<(SessionTable, [usize; 4])>,
    pub(super) state: SessionState,
}

impl fmt::Debug for SessionLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((table, lengths)) = &self.table else { return f.write_str("no session yet") };
        let SessionTable { peer, session, dialled, spelling, said, heard, .. } = table;
        let by = if *dialled { "us" } else { "the peer" };
        writeln!(f, "{}, dialled by {by}", one_line(peer))?;
        writeln!(f, "session {session}, {spelling}: {said} operations said, {heard} heard")?;
        if let Some(why) = &self.state.over {
            writeln!(f, "over: {}", one_line(why))?;
        }
        let tables = [
            ("exports", &table.exports),
            ("imports", &table.imports),
            ("questions", &table.questions),
            ("answers", &table.answers),
        ];
        for ((name, rows), length) in tables.into_iter().zip(lengths) {
            writeln!(f, "{name}: {length}")?;
            for SessionRow { place, kind, what, count } in rows {
                let between = if what.is_empty() { "" } else { " " };
                writeln!(f, "  {place}: {kind}{between}{}, counted {count}", one_line(what))?;
            }
            if *length > rows.len() {
                writeln!(f, "  {} more", length - rows.len())?;
            }
        }
        write!(f, "messages that wait for hand-offs: {}", table.waiting)
    }
}

/// The process of a peer as people are shown it.
pub(super) struct PeerLines {
    /// Where we are.
    pub(super) location: Text,
    pub(super) published: usize,
    /// The connections that are no sessions yet.
    pub(super) begun: usize,
    /// Each session: whose it is, the gifts of the peer that are here, and those that are wanted.
    pub(super) sessions: Vec<(Text, u64, u64)>,
}

impl fmt::Debug for PeerLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, published, begun, sessions } = self;
        writeln!(f, "{}", one_line(location))?;
        writeln!(f, "published: {published}")?;
        writeln!(f, "connections that are no sessions yet: {begun}")?;
        write!(f, "sessions: {}", sessions.len())?;
        for (peer, gifts, wanted) in sessions.iter().take(NAMED) {
            write!(f, "\n  {}: {gifts} gifts here, {wanted} waited for", one_line(peer))?;
        }
        if sessions.len() > NAMED {
            write!(f, "\n  {} more", sessions.len() - NAMED)?;
        }
        Ok(())
    }
}
