//! The commands of the prompt, read from lines.

use crate::conversation::notation::value_with_references;
use crate::conversation::pid::Pid;
use crate::data::numbers::TowerId;
use crate::data::reference::{Reference, ReferenceId};
use crate::data::value::Value;

/// How many turns a log may be told to keep from the prompt: a typed number must not use up the
/// memory.
const MAX_LOG: usize = 1_000_000;

/// A line at the prompt, read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the module's table says what each does")]
pub enum Command {
    Vms,
    Enter(Vec<Pid>),
    Dump,
    Processes,
    Endpoints(Option<Pid>),
    Pause,
    Step(usize),
    Run,
    Kill(Pid, Option<Value>),
    Send(Value),
    SendTo(Reference, Value),
    Refs(Option<Pid>),
    Promises,
    Resolve(Reference),
    Release(Reference),
    LogOn,
    LogOff,
    LogResize(usize),
    LogClear,
    Tail(usize),
    Errors,
    Trace(Option<u64>),
    Tree(Option<u64>),
    Graph(Option<u64>),
    Duct(Option<u64>),
    Peek(Option<u64>),
    PeekAt(Pid),
    Debug(Option<u64>),
    Up,
    Down,
    Top,
    Bottom,
    Jump(u64),
    Verb(bool),
    Help,
    Quit,
}

/// Why a line is not a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no such command.
    #[error("there is no command `{0}`; `help` lists them")]
    Unknown(String),
    /// There is no such command, but there is this one.
    #[error("there is no command `{0}`; did you mean `{1}`?")]
    Misspelled(String, &'static str),
    /// A command has another form.
    #[error("expected `{0}`")]
    Form(&'static str),
    /// A number is larger than the command takes.
    #[error("at most {most}")]
    TooMany {
        /// The largest one that it takes.
        most: usize,
    },
    /// A value cannot be read.
    #[error("{0}")]
    Value(String),
}

impl Command {
    /// Reads a line; `None` if there is nothing on it.
    ///
    /// # Errors
    /// If it is not a command.
    pub fn read(line: &str) -> Result<Option<Self>, CommandError> {
        let line = line.trim();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let form = |form| CommandError::Form(form);
        let turn = |usage| match rest {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| form(usage)),
        };
        let bare = |command, usage| if rest.is_empty() { Ok(command) } else { Err(form(usage)) };
        let command = match name {
            "" => return Ok(None),
            "vms" => bare(Self::Vms, "vms"),
            "enter" => {
                path(rest).map(Self::Enter).ok_or(form("enter PATH, such as `enter p3/p1` or `enter /`"))
            }
            "dump" => bare(Self::Dump, "dump"),
            "processes" => bare(Self::Processes, "processes"),
            "endpoints" if rest.is_empty() => Ok(Self::Endpoints(None)),
            "endpoints" => pid(rest).map(|pid| Self::Endpoints(Some(pid))).ok_or(form("endpoints [PID]")),
            "pause" => bare(Self::Pause, "pause"),
            "step" if rest.is_empty() => Ok(Self::Step(1)),
            "step" => rest.parse().map(Self::Step).map_err(|_| form("step [N]")),
            "run" => bare(Self::Run, "run"),
            "kill" => kill(rest),
            "send" if rest.starts_with("ref#") => send_to(rest),
            "send" => value(rest, "send VALUE").map(Self::Send),
            "refs" if rest.is_empty() => Ok(Self::Refs(None)),
            "refs" => pid(rest).map(|pid| Self::Refs(Some(pid))).ok_or(form("refs [PID]")),
            "promises" => bare(Self::Promises, "promises"),
            "resolve" => {
                reference(rest).map(Self::Resolve).ok_or(form("resolve REF`, such as `resolve ref#7"))
            }
            "release" => {
                reference(rest).map(Self::Release).ok_or(form("release REF`, such as `release ref#7"))
            }
            "log" => log(rest),
            "tail" if rest.is_empty() => Ok(Self::Tail(10)),
            "tail" => rest.parse().map(Self::Tail).map_err(|_| form("tail [N]")),
            "errors" => bare(Self::Errors, "errors"),
            "trace" => turn("trace [TURN]").map(Self::Trace),
            "tree" => turn("tree [TURN]").map(Self::Tree),
            "graph" => turn("graph [TURN]").map(Self::Graph),
            "duct" => turn("duct [TURN]").map(Self::Duct),
            "peek" if rest.starts_with('p') => {
                pid(rest).map(Self::PeekAt).ok_or(form("peek PID`, such as `peek p3"))
            }
            "peek" => turn("peek [TURN]").map(Self::Peek),
            "debug" => turn("debug [TURN]").map(Self::Debug),
            "up" => bare(Self::Up, "up"),
            "down" => bare(Self::Down, "down"),
            "top" => bare(Self::Top, "top"),
            "bottom" => bare(Self::Bottom, "bottom"),
            "jump" => rest.parse().map(Self::Jump).map_err(|_| form("jump TURN")),
            "verb" => match rest {
                "on" => Ok(Self::Verb(true)),
                "off" => Ok(Self::Verb(false)),
                _ => Err(form("verb on` or `verb off")),
            },
            "help" | "?" => bare(Self::Help, "help"),
            "quit" | "exit" => bare(Self::Quit, "quit"),
            unknown => Err(no_command(unknown)),
        };
        command.map(Some)
    }
}

fn kill(rest: &str) -> Result<Command, CommandError> {
    const USAGE: &str = "kill PID [REASON]";
    let (who, why) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let pid = pid(who).ok_or(CommandError::Form(USAGE))?;
    let why = why.trim();
    Ok(Command::Kill(pid, if why.is_empty() { None } else { Some(value(why, USAGE)?) }))
}

/// A command that changes the log.
fn log(rest: &str) -> Result<Command, CommandError> {
    match rest.split_once(char::is_whitespace).unwrap_or((rest, "")) {
        ("on", "") => Ok(Command::LogOn),
        ("off", "") => Ok(Command::LogOff),
        ("clear", "") => Ok(Command::LogClear),
        ("resize", n) => match n.trim().parse() {
            Ok(turns) if turns <= MAX_LOG => Ok(Command::LogResize(turns)),
            Ok(_) => Err(CommandError::TooMany { most: MAX_LOG }),
            Err(_) => Err(CommandError::Form("log resize N")),
        },
        _ => Err(CommandError::Form("log on`, `log off`, `log resize N` or `log clear")),
    }
}

/// A message for an object: `ref#7 balance`, `ref#7 deposit(5)`, `ref#7 ['deposit, 5]`.
fn send_to(rest: &str) -> Result<Command, CommandError> {
    const USAGE: &str = "send REF MESSAGE`, such as `send ref#7 balance` or `send ref#7 deposit(5)";
    let (to, message) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (Some(to), message) = (reference(to), message.trim()) else { return Err(CommandError::Form(USAGE)) };
    if message.is_empty() {
        return Err(CommandError::Form(USAGE));
    }
    let message = value_with_references(message).map_err(|error| CommandError::Value(error.to_string()))?;
    Ok(Command::SendTo(to, message))
}

/// `ref#7`, or `7`: a reference that is only shown, of no tower.
fn reference(text: &str) -> Option<Reference> {
    let id = ReferenceId::printed(text.strip_prefix("ref#").unwrap_or(text))?;
    Some(Reference::shown_as(id, TowerId::NONE))
}

/// There is no command of this name; perhaps one was meant.
fn no_command(typed: &str) -> CommandError {
    let shown = typed.chars().take(40).collect();
    match nearest(typed) {
        Some(meant) => CommandError::Misspelled(shown, meant),
        None => CommandError::Unknown(shown),
    }
}

/// The command that is meant by this, if it is one but for a letter or two.
fn nearest(typed: &str) -> Option<&'static str> {
    // A word with more letters than this was meant for no command.
    if typed.chars().count() > 16 {
        return None;
    }
    let names = include_str!("help.md").lines().skip(2).flat_map(|row| row.split('|').nth(1));
    let names = names.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let names = names.filter_map(|form| form.split_whitespace().next());
    let (steps, name) = names.map(|name| (steps_between(typed, name), name)).min()?;
    (steps * 3 <= name.len()).then_some(name)
}

/// How many letters are to be added, taken away or changed to make one word of another.
fn steps_between(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (at, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, other) in to.chars().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

fn value(text: &str, usage: &'static str) -> Result<Value, CommandError> {
    if text.is_empty() {
        return Err(CommandError::Form(usage));
    }
    text.parse()
        .map_err(|error: crate::conversation::notation::ParseError| CommandError::Value(error.to_string()))
}

/// `p3`, or `3`.
fn pid(text: &str) -> Option<Pid> {
    text.strip_prefix('p').unwrap_or(text).parse().ok().map(Pid)
}

/// `/`, `p3`, `p3/p1`.
fn path(text: &str) -> Option<Vec<Pid>> {
    if text.is_empty() {
        return None;
    }
    text.split('/').filter(|step| !step.is_empty()).map(pid).collect()
}
