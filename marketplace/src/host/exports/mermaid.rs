//! A tree as a Mermaid flowchart.

use std::fmt::Write;

use crate::host::exports::label::{Way, ears, label};
use crate::record::log::Tree;

impl Tree<'_> {
    /// The tree as a [Mermaid](https://mermaid.js.org) flowchart: a node for each turn, and an
    /// arrow to each turn to which it led. A message to an object is a thick arrow, an answer a
    /// dotted one; an answer that the host hears leads to a node of its own. Turns that failed are
    /// red.
    ///
    /// A node shows the process that took the turn, the event that it heard, the first actions that
    /// it asked for, and why it failed. A line that is longer than
    /// [`MAX_LABEL`](crate::exports::MAX_LABEL) characters is cut.
    ///
    /// ```
    /// use marketplace::prelude::*;
    /// use marketplace::sim::Sim;
    ///
    /// let mut sim = Sim::new(|_| transition_no_state!(
    ///     subscriber!(1u8, on_message!(_ => send_message!(2u8))),
    ///     subscriber!(2u8, on_message!(_ => quit())),
    /// ));
    /// sim.run();
    /// sim.log_mut().turn_on();
    /// sim.send(&1u8);
    /// sim.run();
    /// let log = sim.log();
    /// let (first, last) = (log.turns().next().unwrap().id, log.turns().last().unwrap().id);
    /// assert_eq!(log.tree(last).unwrap().to_mermaid(), format!("flowchart TD
    ///     t{first}[\"p0<br/>hears message 1<br/>sends message 2\"]
    ///     t{last}[\"p0<br/>hears message 2<br/>quits\"]
    ///     t{first} --> t{last}
    /// "));
    /// ```
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart TD\n");
        let turns = self.turns();
        for (_, turn) in &turns {
            let lines: Vec<_> = turn.lines().iter().map(|line| escape(line)).collect();
            let _ = writeln!(text, "    t{}[\"{}\"]", turn.id, lines.join("<br/>"));
            for ear in ears(turn) {
                let _ = writeln!(text, "    {ear}[\"{}\"]", escape(&label(ear.told)));
            }
        }
        for (_, turn) in turns.iter().filter(|(depth, _)| *depth > 0) {
            let _ = writeln!(text, "    t{} {} t{}", turn.cause, arrow(turn.way()), turn.id);
        }
        for (_, turn) in &turns {
            for ear in ears(turn) {
                let _ = writeln!(text, "    t{} {} {ear}", turn.id, arrow(Way::of(&ear.told.heard)));
            }
        }
        let failed: Vec<_> = turns.iter().filter(|(_, turn)| turn.failed.is_some()).collect();
        if !failed.is_empty() {
            text.push_str("    classDef failed stroke:#c00,stroke-width:2px\n");
        }
        for (_, turn) in failed {
            let _ = writeln!(text, "    class t{} failed", turn.id);
        }
        text
    }
}

const fn arrow(way: Way) -> &'static str {
    match way {
        Way::Delivery => "==>|delivery|",
        Way::Answer => "-.->|answer|",
        Way::NoAnswer => "-.->|no answer|",
        Way::Other => "-->",
    }
}

/// Letters and digits stay. A character that may have a meaning in Mermaid, in Markdown or to a
/// browser becomes its number.
pub(super) fn escape(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for c in label.chars() {
        if c.is_alphanumeric() || " .,/()=+-…".contains(c) {
            text.push(c);
        } else {
            let _ = write!(text, "#{};", u32::from(c));
        }
    }
    text
}
