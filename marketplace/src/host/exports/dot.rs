//! A tree as a Graphviz graph.

use std::fmt::Write;

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
        }
        for (_, turn) in turns.iter().filter(|(depth, _)| *depth > 0) {
            let _ = writeln!(text, "    t{} -> t{};", turn.cause, turn.id);
        }
        text.push_str("}\n");
        text
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
