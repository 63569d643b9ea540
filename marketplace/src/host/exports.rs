//! A [log](crate::log::Log) in the formats of other programs.
//!
//! | method | shows | open it with |
//! |---|---|---|
//! | [`Tree::to_mermaid`], [`Tree::to_dot`] | causes as a graph | a Markdown page; `dot -Tsvg` |
//! | [`Log::to_sequence`], [`Tree::to_sequence`] | which process said what to which | a Markdown page |
//! | [`Log::to_chrome_trace`] | everything in logical time | [Perfetto](https://ui.perfetto.dev) |
//! | [`Log::to_shiviz`] | which turn could have known of which | [ShiViz] |
//!
//! A text of the program stays in its place: characters that have a meaning in a format are
//! escaped.
//!
//! ```
//! use marketplace::prelude::*;
//! use marketplace::sim::Sim;
//!
//! let mut sim = Sim::new(|_| transition_no_state!(subscriber!("ping", on_message!(_ => quit()))));
//! sim.log_mut().turn_on();
//! sim.send(&"ping".to_string());
//! sim.run();
//! let last = sim.log().turns().last().unwrap();
//! assert!(sim.log().tree(last.id).unwrap().to_dot().starts_with("digraph turns {"));
//! ```
//!
//! [ShiViz]: https://bestchai.bitbucket.io/shiviz/
//! [`Log::to_chrome_trace`]: crate::log::Log::to_chrome_trace
//! [`Log::to_sequence`]: crate::log::Log::to_sequence
//! [`Log::to_shiviz`]: crate::log::Log::to_shiviz
//! [`Tree::to_dot`]: crate::log::Tree::to_dot
//! [`Tree::to_mermaid`]: crate::log::Tree::to_mermaid
//! [`Tree::to_sequence`]: crate::log::Tree::to_sequence

mod chrome;
mod dot;
mod json;
mod label;
mod mermaid;
mod sequence;
mod shiviz;
#[cfg(test)]
mod tests;

pub use crate::host::exports::label::MAX_LABEL;
pub use crate::host::exports::shiviz::SHIVIZ_TURNS;
