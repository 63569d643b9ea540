//! Messages between processes, as a Mermaid sequence diagram.

use std::fmt::Write;

use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::hash::Map;
use crate::host::exports::label::label;
use crate::host::exports::mermaid::escape;
use crate::record::log::{Log, LoggedTurn, Tree};
use crate::record::trace::Heard;

impl Log {
    /// The messages of a topic, as a [Mermaid](https://mermaid.js.org) sequence diagram: an arrow
    /// for each message that the topic matches and each process that heard it, from the process
    /// that sent it. Arrows of feedback are dashed.
    ///
    /// A message that the host sent comes from `host`; a message that was sent in a turn that the
    /// log has forgotten, from `earlier`; a message that another vat sent, from that vat.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// #[derive(Message, Clone)]
    /// struct Square(u32);
    /// #[derive(Message, Clone)]
    /// struct Is(u32);
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!(
    ///     spawn!(transition_no_state!(subscriber!(Square(_), on_message!(Square(n) => send_message!(Is(n * n)))))),
    ///     subscriber!(Is(_), on_message!(_ => actions![])),
    ///     publisher!(Square(_), on_presence!(send_message!(Square(3)))),
    /// ));
    /// sim.log_mut().turn_on();
    /// sim.run();
    /// assert_eq!(sim.log().to_sequence(&Topic::any()), "sequenceDiagram
    ///     participant p0
    ///     participant p2
    ///     p0->>p2: Square(3)
    ///     p2->>p0: Is(9)
    /// ");
    /// ```
    #[must_use]
    pub fn to_sequence(&self, topic: &Topic) -> String {
        let about =
            |turn: &&LoggedTurn| matches!(&turn.heard, Heard::Message(_, body) if topic.matches(body));
        Sequence::default().with(self.turns().filter(about), |id| self.get(id))
    }
}

impl Tree<'_> {
    /// The messages of the tree and their senders and receivers, in order, as a
    /// [Mermaid](https://mermaid.js.org) sequence diagram: messages, and dashed, feedback and
    /// replies.
    #[must_use]
    pub fn to_sequence(&self) -> String {
        let mut turns: Vec<_> = self.turns().into_iter().map(|(_, turn)| turn).collect();
        turns.sort_unstable_by_key(|turn| turn.id);
        let by_id: Map<u64, &LoggedTurn> = turns.iter().map(|turn| (turn.id, *turn)).collect();
        Sequence::default().with(turns.iter().copied(), |id| by_id.get(&id).copied())
    }
}

#[derive(Default)]
struct Sequence {
    /// The lines that name the participants, in order of appearance.
    participants: String,
    known: Map<String, ()>,
    arrows: String,
}

impl Sequence {
    fn with<'l>(
        mut self,
        turns: impl Iterator<Item = &'l LoggedTurn>,
        get: impl Fn(u64) -> Option<&'l LoggedTurn>,
    ) -> String {
        for turn in turns {
            let (arrow, body) = match &turn.heard {
                Heard::Message(Orientation::Publisher, body) => ("->>", body),
                Heard::Message(Orientation::Subscriber, body) | Heard::Reply(_, body) => ("-->>", body),
                _ => continue,
            };
            let from = match (get(turn.cause), turn.origin) {
                (Some(cause), _) => self.process(cause),
                (None, Some(origin)) => self.participant(format!("vat{}", origin.vat), None),
                (None, None) if turn.cause == 0 => self.participant(String::from("host"), None),
                (None, None) => self.participant(String::from("earlier"), None),
            };
            let to = self.process(turn);
            let _ = writeln!(self.arrows, "    {from}{arrow}{to}: {}", escape(&label(body)));
            if let Some(reason) = &turn.failed {
                let failure = escape(&label(format_args!("fails: {reason}")));
                let _ = writeln!(self.arrows, "    Note over {to}: {failure}");
            }
        }
        format!("sequenceDiagram\n{}{}", self.participants, self.arrows)
    }

    fn process(&mut self, turn: &LoggedTurn) -> String {
        let path = turn.path().to_string();
        let named = (!turn.vm.is_empty() || turn.name.is_some()).then(|| turn.who());
        self.participant(path.replace('/', "_"), named)
    }

    fn participant(&mut self, id: String, shown: Option<String>) -> String {
        if self.known.insert(id.clone(), ()).is_none() {
            let shown = shown.map_or(String::new(), |shown| format!(" as {}", escape(&shown)));
            let _ = writeln!(self.participants, "    participant {id}{shown}");
        }
        id
    }
}
