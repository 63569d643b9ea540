//! The other machine: this program once more.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;

/// Nanoseconds on a clock that both machines have.
pub(crate) fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Says something to the machine that started this one.
pub(crate) fn say(word: impl std::fmt::Display) {
    println!("{word}");
    let _ = std::io::stdout().flush();
}

/// A machine that was started. It ends with its handle.
pub(crate) struct Machine {
    child: Child,
    hears: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Machine {
    pub(crate) fn start(arguments: &[&str]) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("machine")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(hears), Some(says)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a machine without pipes".into());
        };
        Ok(Self { child, hears, says: BufReader::new(says) })
    }

    pub(crate) fn tell(&mut self, line: &str) -> Outcome<()> {
        Ok(writeln!(self.hears, "{line}")?)
    }

    /// The next thing that it says.
    pub(crate) fn word(&mut self) -> Outcome<String> {
        let mut line = String::new();
        match self.says.read_line(&mut line)? {
            0 => Err("the other machine has ended".into()),
            _ => Ok(line.trim().into()),
        }
    }

    pub(crate) fn kill(&mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
