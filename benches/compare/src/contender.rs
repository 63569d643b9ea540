//! Builds a contender, and has it do a workload in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use harness::{Line, Parameters, Unsupported};

use crate::arguments::Arguments;

/// A contender that says nothing for so long has lost a delivery, and waits for it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A contender that has been built.
pub(crate) struct Contender {
    name: String,
    program: PathBuf,
}

impl Contender {
    /// Builds it, alone. If that fails, says so: the others go on without it.
    pub(crate) fn build(name: &str, profile: &str) -> Option<Self> {
        eprintln!("building {name}");
        // This program is in a folder of the target directory that is named for its profile.
        let here = std::env::current_exe().ok()?;
        let mut target = here.parent()?.parent()?.to_path_buf();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        if name == "syndicate" {
            // It uses unstable features. Elsewhere, because this variable has others built anew.
            cargo.env("RUSTC_BOOTSTRAP", "syndicate");
            target.push("syndicate");
        }
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
        let built = cargo
            .args(["build", "--quiet", "--locked", "--manifest-path", manifest, "--profile", profile])
            .args(["--package", &format!("contender-{name}"), "--target-dir"])
            .arg(&target)
            .status();
        match built {
            Ok(status) if status.success() => {
                let file = format!("contender-{name}{}", std::env::consts::EXE_SUFFIX);
                Some(Self { name: name.into(), program: target.join(profile).join(file) })
            }
            Ok(_) => {
                eprintln!("{name} does not build: the others go on without it");
                None
            }
            Err(why) => {
                eprintln!("{name} cannot be built ({why}): the others go on without it");
                None
            }
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Has it do a workload, in a process of its own.
    pub(crate) fn does(&self, workload: &str, arguments: &Arguments) -> Result<Vec<Line>, String> {
        let mut child = Command::new(&self.program)
            .arg(workload)
            .args(["--samples", &arguments.samples.to_string()])
            .args(["--scale", &arguments.scale.to_string()])
            .args(["--max-n", &arguments.max_n.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|why| format!("cannot be started: {why}"))?;
        let (say, said) = channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || BufReader::new(output).lines().try_for_each(|line| say.send(line)));
        }
        let mut lines = Vec::new();
        let failed = loop {
            match said.recv_timeout(PATIENCE) {
                Ok(Ok(line)) => match serde_json::from_str(&line) {
                    Ok(line) => lines.push(line),
                    Err(why) => break Some(format!("said {line:?}: {why}")),
                },
                Ok(Err(why)) => break Some(format!("cannot be read: {why}")),
                Err(RecvTimeoutError::Timeout) => {
                    break Some(format!("said nothing for {} s", PATIENCE.as_secs()));
                }
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        if let Some(why) = failed {
            let ended = child.kill().and_then(|()| child.wait());
            return Err(ended
                .err()
                .map_or(why.clone(), |error| format!("{why}, and cannot be ended: {error}")));
        }
        match child.wait() {
            Ok(status) if status.success() => Ok(lines),
            Ok(status) => Err(format!("failed: {status}")),
            Err(why) => Err(format!("failed: {why}")),
        }
    }

    /// The record of a workload that a contender did not do to the end.
    pub(crate) fn failed(&self, workload: &str, why: &str) -> Unsupported {
        Unsupported {
            contender: self.name.clone(),
            workload: workload.into(),
            parameters: Parameters::new(),
            unsupported: why.into(),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn does(program: &str) -> Result<Vec<Line>, String> {
        let contender = Contender { name: program.into(), program: program.into() };
        contender.does("routing", &Arguments::read([].into_iter()).unwrap())
    }

    #[test]
    fn what_goes_wrong_with_a_contender_is_said() {
        assert_eq!(does("true"), Ok(Vec::new()));
        assert_eq!(does("false").unwrap_err(), "failed: exit status: 1");
        let said = does("echo").unwrap_err();
        assert!(said.starts_with("said \"routing --samples 3 --scale 1 --max-n 1000000\": "), "{said}");
        let said = does("/nowhere/at/all").unwrap_err();
        assert!(said.starts_with("cannot be started: "), "{said}");
    }
}
