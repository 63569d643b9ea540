//! Messages of which none is heard.

use std::fmt;

use crate::conversation::role::Orientation;
use crate::data::one_line::one_line;
use crate::data::value::Value;
#[cfg(debug_assertions)]
use crate::process::Clause;

/// Messages of one kind have been sent in a VM, and none of the kind has ever been heard there, or
/// none of the clauses of those who heard it applied. A debug build notices that.
///
/// A kind is a label; for a sequence that begins with a text or a symbol, that; and for a text or a
/// symbol itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Missed {
    /// The kind, as it prints: `Says(..)`.
    pub kind: String,
    /// The first message of the kind.
    pub message: Value,
    /// The side that sent it: feedback is sent by subscribers.
    pub sender: Orientation,
    /// The process that sent it, [by names](crate::Exit::path); `None`: the host did.
    pub who: Option<String>,
    /// Why nobody heard it.
    pub why: WhyMissed,
}

/// Why nobody has heard a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WhyMissed {
    /// No process listens to messages of its kind.
    Nobody,
    /// A process listens to others of its kind.
    OtherTopic {
        /// The process, by names.
        who: String,
        /// The topic to which it listens, as it prints.
        topic: String,
    },
    /// No process listens to messages of its kind, but one to a kind whose name is nearly that.
    OtherKind {
        /// The process, by names.
        who: String,
        /// The topic to which it listens, as it prints.
        topic: String,
    },
    /// A process would hear it, but was not there yet.
    TooEarly {
        /// The process, by names.
        who: String,
    },
    /// A process would hear it, but is in another VM.
    OtherLevel {
        /// The process, by names.
        who: String,
        /// Where its VM is, as the sender sees it.
        level: Level,
    },
    /// A process hears it, and none of its clauses applies.
    NoClause {
        /// The process, by names.
        who: String,
    },
    /// A process of the ground VM sent it `at_meta_level!(..)`, where there are only sources.
    Outermost,
    /// It was passed to a process of which no clause took it, and its sender has no clause for that
    /// news. ([`message`](Missed::message) is the wire.)
    Unknown,
}

/// Where another VM is, as a process sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Around the VM of the process.
    Around,
    /// Inside that.
    Inside,
    /// Neither.
    Beside,
}

impl Missed {
    /// Of how many kinds a host is told.
    #[cfg(debug_assertions)]
    pub(crate) const MOST: usize = 20;
}

impl WhyMissed {
    /// Whether somebody is known who was meant to hear it.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Nobody)
    }
}

/// The endpoints that hear the message at hand, as far as they have been told.
#[cfg(debug_assertions)]
#[derive(Default)]
pub(crate) struct Telling {
    /// Whether a clause of the last one applied, if its process was there.
    pub(crate) last: Option<Clause>,
    /// The process further in of which no clause applied, by names.
    pub(crate) inside: Option<String>,
    /// A clause of one has applied.
    pub(crate) is_taken: bool,
    /// The first process of which no clause applied, by names.
    pub(crate) skipped: Option<String>,
}

/// How long a message, a topic or a kind is shown, in letters.
const MOST_SHOWN: usize = 200;

/// The beginning of its text, in one line.
pub(crate) fn short(shown: &impl fmt::Display) -> String {
    let text = one_line(shown).to_string();
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The fault and the remedy, in one line.
impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, message, sender, who: process, why } = self;
        let says = one_line(process.as_deref().unwrap_or("host"));
        if let WhyMissed::NoClause { who: hearer } = why {
            return write!(
                f,
                "{} heard {} of {}, and none of its clauses took it: add a clause, or `on_message!(_ => ())` \
                 if that is meant",
                one_line(hearer),
                short(message),
                says,
            );
        }
        if let WhyMissed::Unknown = why {
            return write!(
                f,
                "{says} passed a message on the wire {}, and no clause of the other process took it: add a clause \
                 there, or `on_duct_absence!` here",
                short(message),
            );
        }
        write!(f, "nobody has heard {} of {}: ", short(message), says)?;
        let listens = match sender {
            Orientation::Publisher => "subscribes to",
            Orientation::Subscriber => "publishes",
        };
        match why {
            WhyMissed::Nobody => write!(f, "no process {listens} {}", kind),
            WhyMissed::OtherKind { who, topic } => write!(
                f,
                "no process {listens} {kind}, but {} {listens} {topic}: one of the two may be misspelt",
                one_line(who)
            ),
            WhyMissed::OtherTopic { who, topic } => {
                write!(f, "{} {listens} {}, which does not match it", one_line(who), topic)
            }
            WhyMissed::TooEarly { who } => {
                write!(f, "{} {listens} it only since then; ", one_line(who))?;
                f.write_str(match process {
                    None => "let the VM run before the host says it (in a test, `sim.run()`)",
                    Some(_) => "send it in `on_presence!`",
                })
            }
            WhyMissed::OtherLevel { who, level } => {
                write!(f, "{} {listens} it, in ", one_line(who))?;
                f.write_str(match level {
                    Level::Around => "a VM around; send it `at_meta_level!(..)`",
                    Level::Inside => "a VM inside; let that process listen `at_meta_level!(..)`",
                    Level::Beside => "a VM beside; let both speak `at_meta_level!(..)`",
                })
            }
            WhyMissed::NoClause { .. } | WhyMissed::Unknown => Ok(()),
            WhyMissed::Outermost => {
                f.write_str("only sources are outside the ground VM; send it without `at_meta_level!(..)`")
            }
        }
    }
}
