//! The session, for people who look on.

use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::{Symbol, object_of};

use crate::peer::line::{Line, Stage};
use crate::peer::shown::{NAMED, SessionLines, SessionState, SessionTable};
use crate::peer::talk::Shows;
use crate::session::Tables;

impl Line {
    /// An object that shows the session.
    pub(super) fn showing(&self) -> (Far<dyn Shows>, Action<Self>) {
        let (shows, here) = reference();
        let clauses = object_of!(
            here,
            match_duct!(duct => match_state!(line: &mut Self => on_message!(
                ("table",) => line.table(usize::MAX).map(|(table, _)| give(&duct, &table)),
            ))),
        );
        (shows, clauses)
    }

    /// The session with so many rows of each table at most; and how many rows each has.
    fn table(&self, most: usize) -> Option<(SessionTable, [usize; 4])> {
        let Stage::Running(running) = &self.stage else { return None };
        let table = SessionTable {
            peer: running.peer.clone(),
            session: running.name.clone(),
            dialled: self.start.dialled,
            spelling: Symbol::new(self.start.spelling.name()),
            said: running.said,
            heard: running.session.heard(),
            exports: Vec::new(),
            imports: Vec::new(),
            questions: Vec::new(),
            answers: Vec::new(),
            waiting: running.around.waiting.len() as u64,
            gifts: 0,
            wanted: 0,
        };
        let tables = running.session.tables();
        let Tables { exports, imports, questions, answers, .. } = &tables;
        let lengths = [exports, imports, questions, answers].map(Vec::len);
        Some((table.with_rows(&tables, most), lengths))
    }
}

impl From<&Line> for SessionState {
    fn from(line: &Line) -> Self {
        let over = line.over.as_ref().map(|why| why.to_string().into());
        let Stage::Running(running) = &line.stage else { return Self { over, ..Self::default() } };
        Self {
            peer: running.peer.clone(),
            session: running.name.clone(),
            said: running.said,
            heard: running.session.heard(),
            sizes: running.session.sizes(),
            waiting: running.around.waiting.len() as u64,
            over,
        }
    }
}

impl From<&Line> for SessionLines {
    fn from(line: &Line) -> Self {
        Self { table: line.table(NAMED), state: line.into() }
    }
}
