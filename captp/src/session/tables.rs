//! The tables of a session, for people who look on.

use std::fmt;

use marketplace::objects::Reference;

/// The contents of the tables of a session: each row by its place. The references are only shown,
/// so whoever looks keeps nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Ours that the peer has. The bootstrap object is at 0.
    pub exports: Vec<Row>,
    /// The peer's that somebody here has.
    pub imports: Vec<Row>,
    /// Answers that we want.
    pub questions: Vec<Row>,
    /// Answers that the peer may speak to.
    pub answers: Vec<Row>,
    /// Imports that nobody here has any more, and how often we were told of each: the peer is to be
    /// told of it.
    pub released: Vec<(u64, u64)>,
    /// Questions that are over, of which the peer is to be told.
    pub over: Vec<u64>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place.
    pub place: u64,
    /// The kind of thing there.
    pub kind: &'static str,
    /// The thing itself, if somebody outside the session can know it.
    pub reference: Option<Reference>,
    /// How often the importer was told of it, since it last let go of it. For answers it is 1.
    pub count: u64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, kind, reference, count } = self;
        write!(f, "{place}: {kind}")?;
        if let Some(reference) = reference {
            write!(f, " {reference:?}")?;
        }
        if *count == 1 { Ok(()) } else { write!(f, ", told {count} times") }
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exports, imports, questions, answers, .. } = self;
        let tables =
            [("exports", exports), ("imports", imports), ("questions", questions), ("answers", answers)];
        for (name, rows) in tables {
            writeln!(f, "{name}")?;
            for row in rows {
                writeln!(f, "  {row}")?;
            }
        }
        Ok(())
    }
}

/// Rows by place.
pub(super) fn sorted(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by_key(|row| row.place);
    rows
}
