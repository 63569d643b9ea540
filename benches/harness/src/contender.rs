//! The `main` that all contenders share.

use std::process::ExitCode;

use crate::{Run, WORKLOADS};

/// The way in which a contender does a workload, or does not.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// This.
    Does(fn(&Run)),
    /// Nothing, and why.
    CanNot(&'static str),
}

/// The `main` of a contender: does the workload that the command line asks for. `version` is that
/// of the crate of this name in the lock file, so it is what was built.
pub fn contend(name: &'static str, works: &[(&str, Work)]) -> ExitCode {
    match asked(name, std::env::args().skip(1)) {
        Ok(run) => {
            match works.iter().find(|(workload, _)| *workload == run.workload) {
                Some((_, Work::Does(work))) => work(&run),
                Some((_, Work::CanNot(why))) => run.leave_out(&[], why),
                None => run.leave_out(&[], OURS_ALONE),
            }
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!(
                "{why}\nusage: contender-{name} <workload> [--samples 3] [--scale 1.0] [--max-n 1000000]"
            );
            eprintln!("workloads: {}", WORKLOADS.join(" "));
            ExitCode::FAILURE
        }
    }
}

/// Said of a workload that is nobody's but ours.
pub const OURS_ALONE: &str = "measured for us alone";

fn asked(contender: &'static str, mut arguments: impl Iterator<Item = String>) -> Result<Run, String> {
    let workload = arguments.next().unwrap_or_default();
    if !WORKLOADS.contains(&&*workload) {
        return Err(format!("no workload {workload:?}"));
    }
    let version = version_of(contender).into();
    let mut run = Run { contender, version, workload, samples: 3, scale: 1.0, max_n: u64::MAX };
    while let Some(name) = arguments.next() {
        let value = arguments.next().unwrap_or_default();
        let ill = || format!("{name} cannot be {value:?}");
        match &*name {
            "--samples" => run.samples = value.parse().map_err(|_| ill())?,
            "--scale" => run.scale = value.parse().map_err(|_| ill())?,
            "--max-n" => run.max_n = value.parse().map_err(|_| ill())?,
            _ => return Err(format!("no argument {name:?}")),
        }
    }
    Ok(run)
}

/// The version of a crate, as locked.
pub fn version_of(name: &str) -> &'static str {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let name = format!("name = \"{name}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != name).skip(1);
    lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Result<Run, String> {
        asked("tokio", line.split_whitespace().map(String::from))
    }

    #[test]
    fn a_command_line_says_what_to_do() {
        let run = ask("routing --samples 5 --scale 0.5 --max-n 100").unwrap();
        assert_eq!((&*run.workload, run.samples, run.scale, run.max_n), ("routing", 5, 0.5, 100));
        assert!(run.version.starts_with("1."), "{}", run.version);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (line, why) in [
            ("", "no workload \"\""),
            ("dancing", "no workload \"dancing\""),
            ("routing --samples", "--samples cannot be \"\""),
            ("routing --speed 9", "no argument \"--speed\""),
        ] {
            assert_eq!(ask(line).unwrap_err(), why);
        }
    }
}
