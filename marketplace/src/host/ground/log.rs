//! Logs, through `tracing`: on unless somebody says otherwise.

use std::env::VarError;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt::layer, registry};

use crate::conversation::pid::Pid;
use crate::data::library::is_of_library;
use crate::data::one_line::one_line;
use crate::data::reason::Reason;
use crate::host::ground::{panics, stdio};
use crate::process::{Exit, Fault};
use crate::record::trace::Heard;
use crate::record::watched::{RunningTurn, SlowTurn};

/// The variables that say what is shown, the first before the second.
const VARIABLES: [&str; 2] = [OURS, "RUST_LOG"];

/// The variable for this library. The other one is for all that a program is made of.
const OURS: &str = "MARKETPLACE_LOG";

/// The target of the warnings, and the beginning of those of the library's other crates.
const TARGET: &str = "marketplace";

/// For a whole program: if a variable asks for logs, and the program has not arranged for them
/// itself, those of all its threads are shown on stderr.
pub(super) fn start() {
    if let Some(targets) = asked_for() {
        // An error here means that the program has a subscriber: then that one gets the logs.
        let _ = on_stderr(targets).try_init();
    }
}

/// While what this gives lives, logs of this thread are shown on stderr, unless the program has
/// arranged for logs: what the variables ask for, or warnings. A subscriber that the program sets
/// later has its way from the next time on.
pub(crate) fn on() -> Option<DefaultGuard> {
    static STDERR: OnceLock<Dispatch> = OnceLock::new();
    panics::note();
    if !dispatcher::get_default(Dispatch::is::<NoSubscriber>) {
        return None;
    }
    let warnings = || Targets::new().with_default(LevelFilter::WARN);
    let stderr = STDERR.get_or_init(|| on_stderr(asked_for().unwrap_or_else(warnings)).into());
    Some(dispatcher::set_default(stderr))
}

fn on_stderr(targets: Targets) -> impl tracing::Subscriber + Send + Sync {
    // When nobody reads the logs any more, there is nobody to tell it to.
    let lines = layer().with_writer(stdio::stderr).with_ansi(false).log_internal_errors(false);
    registry().with(lines).with(targets)
}

/// The targets for which the first of the variables asks that is set.
fn asked_for() -> Option<Targets> {
    let name = VARIABLES.into_iter().find(|name| std::env::var_os(name).is_some())?;
    let problem = match std::env::var(name).as_deref() {
        Ok("") => return None,
        Ok(directives) => match directives.parse() {
            Ok(targets) if name == OURS => return Some(with_words_told(directives, targets)),
            Ok(targets) => return Some(with_warnings(targets)),
            Err(_) => directives.to_string(),
        },
        Err(VarError::NotPresent) => return None,
        Err(VarError::NotUnicode(directives)) => directives.display().to_string(),
    };
    stdio::to_stderr(format_args!(
        "{name}={}: expected off, error, warn, info, debug or trace, or a list such as `warn,my_crate=debug`; \
         warnings are shown",
        one_line(problem),
    ));
    None
}

/// These targets, and our warnings, unless the targets speak of those, or are `off` for all.
fn with_warnings(targets: Targets) -> Targets {
    let is_named = targets.iter().any(|(target, _)| is_of_library(target));
    // Nothing is less than `off`, and more shows warnings already.
    let is_less = targets.default_level().is_none_or(|level| level == LevelFilter::ERROR);
    if is_less && !is_named { targets.with_target(TARGET, LevelFilter::WARN) } else { targets }
}

/// These targets. A word by itself that is no level, and no crate of ours, is perhaps one that is
/// misspelt: that is told, and warnings are shown all the same.
fn with_words_told(directives: &str, targets: Targets) -> Targets {
    let is_odd = |word: &&str| {
        let is_level = word.parse::<LevelFilter>().is_ok();
        !word.is_empty() && !word.contains('=') && !is_level && !is_of_library(word)
    };
    let Some(word) = directives.split(',').map(str::trim).find(is_odd) else { return targets };
    stdio::to_stderr(format_args!(
        "{OURS}: `{0}` is no level (off, error, warn, info, debug or trace), so all of a crate of that name is \
         shown, and warnings: write `{0}=trace` if that is meant",
        one_line(word),
    ));
    with_warnings(targets)
}

/// A line about an action.
pub(super) fn verb(line: &str) {
    tracing::info!(target: "marketplace::verb", "{line}");
}

/// A process has ended. A fault is a warning, in one line.
pub(super) fn exit(exit: &Exit) {
    let Exit { vm, pid, reason, fault, .. } = exit;
    let what = match (fault, reason) {
        (Some(_), _) => "a process failed",
        (None, Reason::Killed(_)) => "a process was killed",
        (None, Reason::Refused(_) | Reason::Panic(_) | Reason::Error(_)) if !reason.is_disconnect() => {
            "a process ended"
        }
        (None, _) => {
            let process = one_line(exit.path());
            return tracing::info!(target: "marketplace", %process, pid = %Path(vm, *pid), reason = %one_line(reason), "a process ended");
        }
    };
    let Fault { heard, from, at } = fault.as_deref().unwrap_or(&Fault { heard: None, from: None, at: None });
    tracing::warn!(
        target: "marketplace",
        process = %one_line(exit.path()),
        pid = %Path(vm, *pid),
        reason = %one_line(reason),
        at = at.as_ref().map(display),
        heard = heard.as_ref().map(|heard| display(event_text(heard))),
        from = from.as_ref().map(|from| display(one_line(from))),
        "{what}",
    );
}

/// A turn has taken so long.
pub(super) fn slow(turn: &SlowTurn, took: Duration) {
    tracing::warn!(
        target: "marketplace",
        process = %one_line(&turn.process),
        pid = %Path(&turn.vm, turn.pid),
        took = %Millis(took),
        heard = display(event_text(&turn.heard)),
        from = turn.from.as_ref().map(|from| display(one_line(from))),
        "a turn took long: nothing else ran in its VM",
    );
}

/// A turn has been running for so long, and is not over.
pub(super) fn still_slow(turn: &RunningTurn, time: Duration) {
    tracing::warn!(
        target: "marketplace",
        process = %one_line(&turn.process),
        pid = %Path(&turn.vm, turn.pid),
        since = %Millis(time),
        "a turn is not over yet: nothing else runs in its VM",
    );
}

/// A thread waits for a vat that nobody has turned over.
pub(crate) fn not_turned_over(vat: u64, name: Option<&str>) {
    tracing::warn!(
        target: "marketplace",
        vat,
        name,
        "a thread waits for a vat that nobody has turned over yet: if it is to do that itself, it waits for ever",
    );
}

/// The event that a process was told, after `heard=`.
fn event_text(heard: &Heard) -> String {
    let heard = heard.to_string();
    heard.strip_prefix("hears ").map(String::from).unwrap_or(heard)
}

/// A time as `250ms`.
struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0.as_millis())
    }
}

/// The way to a process by PIDs.
struct Path<'a>(&'a [Pid], Pid);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|pid| write!(f, "{pid}/"))?;
        write!(f, "{}", self.1)
    }
}
