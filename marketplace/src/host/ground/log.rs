//! Logs, through `tracing`.

use tracing_subscriber::filter::LevelFilter;

use crate::data::one_line::one_line;
use crate::host::ground::stdio;
use crate::process::Exit;

/// The variable that turns logs on: a level.
const VARIABLE: &str = "MARKETPLACE_LOG";

/// Shows logs on stderr, if the variable asks for them and the program has not arranged for logs
/// itself.
pub(super) fn start() {
    let Ok(level) = std::env::var(VARIABLE) else { return };
    match level.parse::<LevelFilter>() {
        Ok(level) => {
            // An error of stderr is ignored: nobody is left to read about it.
            let logs = tracing_subscriber::fmt().with_writer(stdio::stderr).log_internal_errors(false);
            // An error here means that the program has a subscriber: then that one gets the logs.
            let _ = logs.with_max_level(level).try_init();
        }
        Err(_) => {
            stdio::tell(format_args!("{VARIABLE}={level}: expected error, warn, info, debug, trace or off"))
        }
    }
}

/// A line about an action.
pub(super) fn verb(line: &str) {
    tracing::info!(target: "marketplace::verb", "{line}");
}

/// A process has ended.
pub(super) fn exit(exit: &Exit) {
    let Exit { vm, pid, name, reason } = exit;
    let mut process: String = vm.iter().map(|pid| format!("{pid}/")).collect();
    process.push_str(&pid.to_string());
    if let Some(name) = name {
        process.push_str(&format!(" {}", one_line(name)));
    }
    if reason.is_normal() {
        tracing::info!(process, reason = %one_line(reason), "exit");
    } else {
        tracing::warn!(process, reason = %one_line(reason), "exit");
    }
}
