//! Messages between processes, as a Mermaid sequence diagram.

use std::fmt::Write;

use crate::conversation::role::Orientation;
use crate::conversation::topic::Topic;
use crate::data::hash::Map;
use crate::data::value::Value;
use crate::host::exports::label::label;
use crate::host::exports::mermaid::escape;
use crate::record::log::{Log, LoggedTurn, ToldHost, Tree};
use crate::record::trace::{Call, Heard};

impl Log {
    /// The messages of a topic, as a [Mermaid](https://mermaid.js.org) sequence diagram: an arrow
    /// for each message that the topic matches and each process that heard it, from the process
    /// that sent it.
    ///
    /// | arrow | is |
    /// |---|---|
    /// | `->>` | a message |
    /// | `-->>` | feedback, or an answer on a duct |
    /// | `-)` | a message to an object: `pay(4)`. The topic matches it as it is, `["pay", 4]` with a symbol |
    /// | `--)` | what a promise gives, from the process that answered to the one that waited, or the host |
    /// | `--x` | why there is no answer: the topic that matches anything shows it |
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
        Sequence::default().with(
            self.turns(),
            |id| self.get(id),
            |said| match said {
                Some(said) => topic.matches(said),
                None => topic.is_any(),
            },
        )
    }
}

impl Tree<'_> {
    /// The messages of the tree and their senders and receivers, in order, as a
    /// [Mermaid](https://mermaid.js.org) sequence diagram, with the arrows of
    /// [`Log::to_sequence`].
    #[must_use]
    pub fn to_sequence(&self) -> String {
        let mut turns: Vec<_> = self.turns().into_iter().map(|(_, turn)| turn).collect();
        turns.sort_unstable_by_key(|turn| turn.id);
        let by_id: Map<u64, &LoggedTurn> = turns.iter().map(|turn| (turn.id, *turn)).collect();
        Sequence::default().with(turns.iter().copied(), |id| by_id.get(&id).copied(), |_| true)
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
        about: impl Fn(Option<&Value>) -> bool,
    ) -> String {
        // The answers that the host hears, each behind the last turn before it.
        let mut told: Vec<(&ToldHost, &LoggedTurn)> = Vec::new();
        for turn in turns {
            self.host_hears(&mut told, turn.stamp, &about);
            told.extend(turn.told_host.iter().map(|told| (told, turn)));
            let (arrow, said, text) = match &turn.heard {
                Heard::Message(Orientation::Publisher, body) => ("->>", Some(body), label(body)),
                Heard::Message(Orientation::Subscriber, body) | Heard::Reply(_, body) => {
                    ("-->>", Some(body), label(body))
                }
                Heard::Sent(_, body) => ("-)", Some(body), label(Call(body))),
                Heard::Settled(Ok(value)) => ("--)", Some(value), label(value)),
                Heard::Settled(Err(reason)) | Heard::DuctAbsence(Some(_), reason) => {
                    ("--x", None, label(reason))
                }
                _ => continue,
            };
            if !about(said) {
                continue;
            }
            let from = match (get(turn.cause), turn.origin) {
                (Some(cause), _) => self.process(cause),
                (None, Some(origin)) => self.participant(format!("vat{}", origin.vat), None),
                (None, None) if turn.cause == 0 => self.participant(String::from("host"), None),
                (None, None) => self.participant(String::from("earlier"), None),
            };
            let to = self.process(turn);
            let _ = writeln!(self.arrows, "    {from}{arrow}{to}: {}", escape(&text));
            if let Some(reason) = &turn.failed {
                let failure = escape(&label(format_args!("fails: {reason}")));
                let _ = writeln!(self.arrows, "    Note over {to}: {failure}");
            }
        }
        self.host_hears(&mut told, u64::MAX, &about);
        format!("sequenceDiagram\n{}{}", self.participants, self.arrows)
    }

    /// Shows what the host hears before the turn with this stamp.
    fn host_hears(
        &mut self,
        told: &mut Vec<(&ToldHost, &LoggedTurn)>,
        before: u64,
        about: impl Fn(Option<&Value>) -> bool,
    ) {
        told.sort_by_key(|(told, _)| told.stamp);
        let now = told.partition_point(|(told, _)| told.stamp < before);
        for (ToldHost { heard, .. }, by) in told.drain(..now) {
            if about(heard.as_ref().ok()) {
                let from = self.process(by);
                let to = self.participant(String::from("host"), None);
                let (arrow, text) = match heard {
                    Ok(value) => ("--)", label(value)),
                    Err(reason) => ("--x", label(reason)),
                };
                let _ = writeln!(self.arrows, "    {from}{arrow}{to}: {}", escape(&text));
            }
        }
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
