//! Turns as text for exports, in lines of bounded length.

use std::fmt::{self, Write};

use crate::conversation::pid::Pid;
use crate::data::one_line::is_hidden;
use crate::record::log::{LoggedTurn, ToldHost};
use crate::record::trace::Heard;

/// How many characters a text may have in an export of a [`Log`](crate::log::Log). A longer one is
/// cut, and ends with `…`.
pub const MAX_LABEL: usize = 120;

/// How many of a turn's actions a node of a graph shows.
const ACTIONS: usize = 5;

/// The text of this, in one line of at most [`MAX_LABEL`] characters. A character that would break
/// a line, is invisible or turns the direction of writing is shown as an escape: `\n`, `\u{0}`.
pub(super) fn label(shown: impl fmt::Display) -> String {
    let mut line = Line { text: String::new(), left: MAX_LABEL, cut: None };
    // Nothing in here fails.
    let _ = write!(line, "{shown}");
    line.text
}

struct Line {
    text: String,
    left: usize,
    /// Where the last character that may stay begins, once the line is full.
    cut: Option<usize>,
}

impl Line {
    fn push(&mut self, c: char) {
        if self.left > 0 {
            if self.left == 1 {
                self.cut = Some(self.text.len());
            }
            self.left -= 1;
            self.text.push(c);
        } else if let Some(at) = self.cut.take() {
            self.text.truncate(at);
            self.text.push('…');
        }
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if is_hidden(c) {
                c.escape_default().for_each(|c| self.push(c));
            } else {
                self.push(c);
            }
            if self.left == 0 && self.cut.is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// The VMs around a process and the process: `p2/p0`.
pub(super) struct Path<'t>(pub(super) &'t [Pid], pub(super) Pid);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|pid| write!(f, "{pid}/"))?;
        self.1.fmt(f)
    }
}

/// How somebody came to hear something, as exports tell it apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A message to an object.
    Delivery,
    /// The answer to one, or to what was passed.
    Answer,
    /// The news that there is no answer.
    NoAnswer,
    /// Any other.
    Other,
}

impl Way {
    /// That of an answer that came, or did not.
    pub(super) const fn of<T, E>(answer: &Result<T, E>) -> Self {
        if answer.is_ok() { Self::Answer } else { Self::NoAnswer }
    }

    /// The name of an arrow.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Delivery => Some("delivery"),
            Self::Answer => Some("answer"),
            Self::NoAnswer => Some("no answer"),
            Self::Other => None,
        }
    }
}

/// An answer that the host has heard. One action may tell it several, to as many who asked.
pub(super) struct Ear<'l> {
    pub(super) told: &'l ToldHost,
    /// Which one of its action it is, from 0.
    at: u64,
}

/// The answers that the host has heard of a turn.
pub(super) fn ears(turn: &LoggedTurn) -> impl Iterator<Item = Ear<'_>> {
    let (mut action, mut at) = (0, 0);
    turn.told_host.iter().map(move |told| {
        // Those of one action stand together.
        at = if told.action == action { at + 1 } else { 0 };
        action = told.action;
        Ear { told, at }
    })
}

impl Ear<'_> {
    /// A number that no other one of the log has, and no turn: a viewer wants numbers.
    pub(super) const fn number(&self) -> u64 {
        self.told.action + (self.at << 40)
    }
}

/// A name that no other one of the log has: `h6`, and the second of that action `h6_1`.
impl fmt::Display for Ear<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            0 => write!(f, "h{}", self.told.action),
            at => write!(f, "h{}_{at}", self.told.action),
        }
    }
}

impl LoggedTurn {
    pub(super) const fn way(&self) -> Way {
        match &self.heard {
            Heard::Sent(..) => Way::Delivery,
            Heard::Reply(..) => Way::Answer,
            Heard::Settled(answer) => Way::of(answer),
            Heard::DuctAbsence(Some(_), _) => Way::NoAnswer,
            _ => Way::Other,
        }
    }

    pub(super) fn path(&self) -> Path<'_> {
        Path(&self.vm, self.pid)
    }

    /// The path and the name, if there is one, or else the function that booted it.
    pub(super) fn who(&self) -> String {
        match (&self.name, self.function()) {
            (Some(name), _) => label(format_args!("{} {name}", self.path())),
            (None, Some(function)) => label(format_args!("{} {function}", self.path())),
            (None, None) => label(self.path()),
        }
    }

    /// The lines of a node: the process, the event that it heard, its first actions, its failure.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.who(), label(&self.heard)];
        lines.extend(self.produced.iter().take(ACTIONS).map(|produced| label(&produced.action)));
        if self.produced.len() > ACTIONS {
            lines.push(format!("and {} more", self.produced.len() - ACTIONS));
        }
        lines.extend(self.failed.as_ref().map(|reason| label(format_args!("fails: {reason}"))));
        lines
    }
}
