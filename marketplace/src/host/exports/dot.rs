//! A tree as a Graphviz graph.

use std::fmt::Write;

use crate::host::exports::label::{Way, ears, label};
use crate::record::log::Tree;

impl Tree<'_> {
    /// The tree in the language of [Graphviz](https://graphviz.org), for `dot -Tsvg`: what
    /// [`Tree::to_mermaid`] shows.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut text = String::from("digraph turns {\n    node [shape=box, fontname=\"sans-serif\"];\n");
        let turns = self.turns();
        for (_, turn) in &turns {
            // `\l` ends a line that starts at the left.
            let lines: String = turn.lines().iter().map(|line| escape(line) + "\\l").collect();
            let color = if turn.failed.is_some() { ", color=red" } else { "" };
            let _ = writeln!(text, "    t{} [label=\"{lines}\"{color}];", turn.id);
            for ear in ears(turn) {
                let _ = writeln!(text, "    {ear} [label=\"{}\\l\"];", escape(&label(ear.told)));
            }
        }
        for (_, turn) in turns.iter().filter(|(depth, _)| *depth > 0) {
            let _ = writeln!(text, "    t{} -> t{}{};", turn.cause, turn.id, style(turn.way()));
        }
        for (_, turn) in &turns {
            for ear in ears(turn) {
                let _ = writeln!(text, "    t{} -> {ear}{};", turn.id, style(Way::of(&ear.told.heard)));
            }
        }
        text.push_str("}\n");
        text
    }
}

/// How an arrow looks: as in [`Tree::to_mermaid`].
const fn style(way: Way) -> &'static str {
    match way {
        Way::Delivery => " [label=\"delivery\", style=bold]",
        Way::Answer => " [label=\"answer\", style=dashed]",
        Way::NoAnswer => " [label=\"no answer\", style=dashed, color=red]",
        Way::Other => "",
    }
}

/// For a quoted string: there Graphviz knows escapes, and entities as in HTML.
fn escape(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for c in label.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            _ => text.push(c),
        }
    }
    text
}
