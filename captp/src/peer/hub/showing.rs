//! All sessions, for people who look on (K14).

use marketplace::objects::*;
use marketplace::prelude::*;

use crate::peer::hub::Hub;
use crate::peer::shown::{PeerLines, SessionTable};
use crate::sessions::LineId;

impl Hub {
    /// Answers with the sessions that stand, in the order in which their connections came.
    pub(super) fn show_sessions(&mut self, duct: Duct) -> ActionTree<Self> {
        let lines: Vec<LineId> = self.sessions.that_stand().map(|(line, _)| line).collect();
        let mut shown = None;
        let asked = tell(|cx| {
            let tables = self.sessions.that_stand().map(|(_, standing)| standing.shows.table(cx));
            shown = Some(all(cx, tables.collect::<Vec<_>>()));
        });
        let answers = shown.map(|shown| {
            when(shown, move |mut hub: Self, tables: Result<Vec<SessionTable>, Reason>| {
                let actions = match tables {
                    Ok(mut tables) => {
                        for (table, line) in tables.iter_mut().zip(&lines) {
                            (table.gifts, table.wanted) = hub.gifts.of(*line);
                        }
                        give(&duct, &tables).into_action_tree()
                    }
                    // One has just ended.
                    Err(_) => hub.show_sessions(duct),
                };
                transition!(hub, actions)
            })
        });
        actions![asked, answers]
    }
}

impl From<&Hub> for PeerLines {
    fn from(hub: &Hub) -> Self {
        let sessions: Vec<_> = hub
            .sessions
            .that_stand()
            .map(|(line, standing)| {
                let (gifts, wanted) = hub.gifts.of(line);
                (standing.location.to_uri().into(), gifts, wanted)
            })
            .collect();
        Self {
            location: hub.location.to_uri().into(),
            published: hub.published.len(),
            begun: hub.lines.len().saturating_sub(sessions.len()),
            sessions,
        }
    }
}
