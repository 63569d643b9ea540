//! The commands of the prompt, read from lines.

use crate::conversation::pid::Pid;
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
            "send" => value(rest, "send VALUE").map(Self::Send),
            "log" => match rest.split_once(char::is_whitespace).unwrap_or((rest, "")) {
                ("on", "") => Ok(Self::LogOn),
                ("off", "") => Ok(Self::LogOff),
                ("clear", "") => Ok(Self::LogClear),
                ("resize", n) => match n.trim().parse() {
                    Ok(turns) if turns <= MAX_LOG => Ok(Self::LogResize(turns)),
                    Ok(_) => Err(CommandError::TooMany { most: MAX_LOG }),
                    Err(_) => Err(form("log resize N")),
                },
                _ => Err(form("log on`, `log off`, `log resize N` or `log clear")),
            },
            "tail" if rest.is_empty() => Ok(Self::Tail(10)),
            "tail" => rest.parse().map(Self::Tail).map_err(|_| form("tail [N]")),
            "errors" => bare(Self::Errors, "errors"),
            "trace" => turn("trace [TURN]").map(Self::Trace),
            "tree" => turn("tree [TURN]").map(Self::Tree),
            "graph" => turn("graph [TURN]").map(Self::Graph),
            "duct" => turn("duct [TURN]").map(Self::Duct),
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
            unknown => Err(CommandError::Unknown(unknown.chars().take(40).collect())),
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
